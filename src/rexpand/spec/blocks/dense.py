"""The layer of CondenseNet as data (arXiv 1711.09224)."""

from dataclasses import dataclass
from math import lcm
from typing import Annotated, Literal

from rexpand.errors import SpecError
from rexpand.ranges import DIVISOR, EXPAND_RATIO, GROUPS, KERNEL, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.groups import check_divides, grouped_width
from rexpand.spec.rounding import Width, nearest_multiple


@dataclass(frozen=True, kw_only=True)
class Dense(BlockSpec):
    """Chosen inputs through 1x1 in groups, shuffle, kxk in groups; concatenated.

    Each convolution comes after a batch norm and an activation. The outputs are the
    inputs, then the outputs of the kxk convolution. The growth is `out_channels` less
    the inputs; the 1x1 has `inner_ratio` times as many outputs. Each group of the 1x1
    uses one in `condense_factor` of the inputs, which training chooses (learned group
    convolution). Without `learned_groups` it takes them in order, as a plain
    convolution in groups does. A stride is an average pooling before all that.
    """

    kernel_size: Annotated[int, KERNEL] = 3
    groups: Annotated[int, GROUPS] = 4
    condense_factor: Annotated[int, DIVISOR] = 4
    learned_groups: bool = True
    inner_ratio: Annotated[float, EXPAND_RATIO] = 4.0
    inner_multiple: Annotated[int, ROUNDING] = rounding()
    input_activation: Activation = nonlinearity("relu", "input")
    inner_activation: Activation = nonlinearity("relu", "inner")
    kind: Literal["dense"] = "dense"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def joins(self, in_channels: int) -> bool:
        return False

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the block adds nothing or groups do not divide a width."""
        growth = self.out_channels - in_channels
        if growth < 1:
            raise SpecError(
                f"a dense layer of {self.out_channels} channels after {in_channels} "
                "adds none; give it more channels than its input has"
            )
        check_divides(self.groups, growth, "channels that a dense layer adds")
        check_divides(self.condense_factor, in_channels, "inputs of a dense layer")

    def inner(self, growth: Width) -> Width:
        """Channels between the convolutions, for a number or a column of growths."""
        return grouped_width(
            growth * self.inner_ratio, self.inner_multiple, self.groups
        )

    def chosen(self, in_channels: Width) -> Width:
        """Inputs of the 1x1, of all its groups together."""
        return in_channels * self.groups / self.condense_factor

    @property
    def channel_multiple(self) -> int:
        """What the input and output channels must be multiples of."""
        return lcm(self.groups, self.condense_factor)

    @property
    def keeps_input(self) -> bool:
        return True

    def rounded_channels(self, before: int, rounded: int, multiple_of: int) -> int:
        """Output channels whose growth is a multiple."""
        step = lcm(multiple_of, self.channel_multiple)
        return rounded + int(nearest_multiple(self.out_channels - before, step))
