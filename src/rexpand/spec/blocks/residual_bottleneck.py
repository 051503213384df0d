"""The residual bottleneck as data (arXiv 1512.03385; in groups, arXiv 1611.05431)."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    Activation,
    check_at_least,
)
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.groups import grouped_width
from rexpand.spec.blocks.residual import Residual
from rexpand.spec.rounding import Width


@dataclass(frozen=True, kw_only=True)
class ResidualBottleneck(Residual):
    """Reduce 1x1, kxk in groups, restore 1x1, each with batch norm; add, activation.

    The kxk convolution has the stride (in the paper the first 1x1 has it; all current
    releases moved it). Its width is `inner_ratio` times the outputs, a quarter in
    ResNet, a half in ResNeXt's `32x4d`; it is rounded to whole groups.
    """

    kernel_size: int = 3
    groups: int = 1
    inner_ratio: float = 0.25
    inner_multiple: int = rounding()
    inner_activation: Activation = nonlinearity("relu", "inner")
    output_activation: Activation = nonlinearity("relu", "output")
    kind: Literal["residual_bottleneck"] = "residual_bottleneck"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("groups of a residual bottleneck", self.groups, 1)
        if not 0 < self.inner_ratio < inf:
            raise SpecError(f"inner_ratio {self.inner_ratio} is not positive")

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def inner(self, out_channels: Width) -> Width:
        """Channels of the kxk convolution, for a number or a column of outputs."""
        return grouped_width(
            out_channels * self.inner_ratio, self.inner_multiple, self.groups
        )
