"""How another library lays out the tensors of a family."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rexpand.spec import NetworkSpec

TORCH_NORM_EPS = 1e-5  # torch's default; TensorFlow's releases have 1e-3

Layout = Literal["timm", "torchvision", "official"]


def _same(spec: NetworkSpec) -> NetworkSpec:
    return spec


def with_torch_eps(spec: NetworkSpec) -> NetworkSpec:
    """The spec with the batch norms' epsilon that torch has by default."""
    return replace(spec, norm_eps=TORCH_NORM_EPS)


def numbered(ours: str, theirs: str, place: int) -> dict[str, str]:
    """Their names for our convolution and batch norm, which they number in a row."""
    return {
        f"{ours}.conv": f"{theirs}.{place}",
        f"{ours}.norm": f"{theirs}.{place + 1}",
    }


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
