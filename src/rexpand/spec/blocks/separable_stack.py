"""Xception's stack of separable convolutions as data (arXiv 1610.02357)."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from rexpand.ranges import DEPTH, KERNEL
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.fields import nonlinearity
from rexpand.spec.blocks.residual import Residual

Growth = Literal["first", "last"]
Channels = TypeVar("Channels")  # a number, or a numpy array of numbers


@dataclass(frozen=True, kw_only=True)
class SeparableStack(Residual):
    """Depthwise kxk, pointwise 1x1, batch norm, `repeats` times; max pool; add.

    There may be an activation before the first repeat, between two, and after the sum.
    A stride is a 3x3 max pooling at the end. The width changes in the first repeat, or
    in the last (Xception's last block with a shortcut).
    """

    kernel_size: Annotated[int, KERNEL] = 3
    repeats: Annotated[int, DEPTH] = 2
    growth: Growth = "first"
    input_activation: Activation = nonlinearity("relu", "input")
    between_activation: Activation = nonlinearity("relu", "between")
    output_activation: Activation = nonlinearity("linear", "output")
    kind: Literal["separable_stack"] = "separable_stack"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def widths(
        self, in_channels: Channels, out_channels: Channels
    ) -> tuple[Channels, ...]:
        """Channels before, between and after the convolutions."""
        between = out_channels if self.growth == "first" else in_channels
        return (in_channels, *(between,) * (self.repeats - 1), out_channels)
