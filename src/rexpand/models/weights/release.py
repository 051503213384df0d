"""How another library lays out the tensors of a family."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rexpand.spec import NetworkSpec

Layout = Literal["timm", "torchvision", "official"]


def _same(spec: NetworkSpec) -> NetworkSpec:
    return spec


@dataclass(frozen=True, kw_only=True)
class Release:
    """The rename table of a family in a library, and what else differs there.

    `names` gives their module name for each of ours that holds tensors. `adapted` gives
    the spec under which our module computes what theirs does, where its epsilon or an
    activation is not the paper's. `as_convolution` are linear weights of ours that they
    hold as 1x1 convolutions.
    """

    names: Callable[[NetworkSpec], dict[str, str]]
    adapted: Callable[[NetworkSpec], NetworkSpec] = _same
    as_convolution: tuple[str, ...] = ()
