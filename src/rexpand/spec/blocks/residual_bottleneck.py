"""The residual bottleneck as data (arXiv 1512.03385; in groups, arXiv 1611.05431)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import EXPAND_RATIO, GROUPS, KERNEL, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
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

    kernel_size: Annotated[int, KERNEL] = 3
    groups: Annotated[int, GROUPS] = 1
    inner_ratio: Annotated[float, EXPAND_RATIO] = 0.25
    inner_multiple: Annotated[int, ROUNDING] = rounding()
    inner_activation: Activation = nonlinearity("relu", "inner")
    output_activation: Activation = nonlinearity("relu", "output")
    kind: Literal["residual_bottleneck"] = "residual_bottleneck"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def inner(self, out_channels: Width) -> Width:
        """Channels of the kxk convolution, for a number or a column of outputs."""
        return grouped_width(
            out_channels * self.inner_ratio, self.inner_multiple, self.groups
        )
