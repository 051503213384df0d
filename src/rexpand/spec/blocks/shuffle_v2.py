"""The unit of ShuffleNetV2 as data (arXiv 1807.11164)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.errors import SpecError
from rexpand.ranges import KERNEL, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.rounding import Width, divided


@dataclass(frozen=True, kw_only=True)
class ShuffleV2(BlockSpec):
    """Half the input through 1x1, depthwise kxk, 1x1; the other half passes; shuffle.

    Each convolution has a batch norm; there is no activation after the depthwise one.
    A unit that does not `split` (the first of a stage) sends its whole input to both
    sides, and the side that passes has a depthwise kxk and a 1x1 of its own.
    """

    kernel_size: Annotated[int, KERNEL] = 3
    split: bool = True
    half_multiple: Annotated[int, ROUNDING] = rounding()
    inner_activation: Activation = nonlinearity("relu", "inner")
    output_activation: Activation = nonlinearity("relu", "output")
    kind: Literal["shuffle_v2"] = "shuffle_v2"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.split and self.stride > 1:
            raise SpecError(
                f"a shuffle unit that splits its input cannot have stride {self.stride};"
                " give split = false"
            )
        if self.out_channels % 2:
            raise SpecError(
                f"{self.out_channels} channels of a shuffle unit have no equal halves; "
                f"give {self.out_channels + 1}"
            )

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def joins(self, in_channels: int) -> bool:
        return False

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the input leaves one of the two sides without channels."""
        passed = self.passed(in_channels, self.out_channels)
        if in_channels < 2 or not 0 < passed < self.out_channels:
            raise SpecError(
                f"a shuffle unit of {self.out_channels} channels after {in_channels} "
                "leaves one of its sides without channels; give it more"
            )

    def half(self, channels: Width) -> Width:
        """Half of a width, for a number or a column of them."""
        return divided(channels, 2, self.half_multiple)

    def passed(self, in_channels: Width, out_channels: Width) -> Width:
        """Outputs of the side that passes; the rest are the other side's."""
        return self.half(in_channels if self.split else out_channels)

    def taken(self, in_channels: Width) -> Width:
        """Inputs of the side that does not pass."""
        return in_channels - self.half(in_channels) if self.split else in_channels

    @property
    def channel_multiple(self) -> int:
        """What the input and output channels must be multiples of."""
        return 2
