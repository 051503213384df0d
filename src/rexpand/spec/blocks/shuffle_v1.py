"""The unit of ShuffleNetV1 as data (arXiv 1707.01083)."""

from dataclasses import dataclass
from math import lcm
from typing import Annotated, Literal

from rexpand.errors import SpecError
from rexpand.ranges import EXPAND_RATIO, GROUPS, KERNEL, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.groups import check_divides, grouped_width
from rexpand.spec.rounding import Width

ShuffleShortcut = Literal["identity", "concatenate", "none"]


@dataclass(frozen=True, kw_only=True)
class ShuffleV1(BlockSpec):
    """Reduce 1x1 in groups, shuffle, depthwise kxk, restore 1x1 in groups; shortcut.

    Each convolution has a batch norm; there is no activation after the depthwise one.
    The identity is added before the last activation, where the shape does not change.
    `concatenate`, for the first unit of a stage, puts the input, average-pooled to the
    output's size, before the outputs of the last 1x1, which are fewer by the inputs.
    `reduce_groups` are the groups of the first 1x1: 1 in the network's first unit. A
    unit that does not `shuffle` leaves each group with its own channels (Section 3.1).
    """

    kernel_size: Annotated[int, KERNEL] = 3
    groups: Annotated[int, GROUPS] = 3
    reduce_groups: Annotated[int, GROUPS] = 3
    inner_ratio: Annotated[float, EXPAND_RATIO] = 0.25
    inner_multiple: Annotated[int, ROUNDING] = rounding()
    inner_activation: Activation = nonlinearity("relu", "inner")
    output_activation: Activation = nonlinearity("relu", "output")
    shortcut: ShuffleShortcut = "identity"
    shuffle: bool = True
    kind: Literal["shuffle_v1"] = "shuffle_v1"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def joins(self, in_channels: int) -> bool:
        adds_all = self.shortcut == "identity" and self.stride == 1
        return adds_all and in_channels == self.out_channels

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the groups do not divide the inputs or the new outputs."""
        check_divides(self.reduce_groups, in_channels, "inputs of a shuffle unit")
        made = self.made(in_channels, self.out_channels)
        if made < 1:
            raise SpecError(
                f"a shuffle unit that concatenates makes {self.out_channels} channels "
                f"of {in_channels}; give more channels than its input has"
            )
        check_divides(self.groups, made, "channels that a shuffle unit makes")

    def inner(self, out_channels: Width) -> Width:
        """Channels of the depthwise convolution, for one or a column of outputs."""
        return grouped_width(
            out_channels * self.inner_ratio,
            self.inner_multiple,
            lcm(self.groups, self.reduce_groups),
        )

    def made(self, in_channels: Width, out_channels: Width) -> Width:
        """Outputs of the last 1x1: all, or those that are not the input."""
        if self.keeps_input:
            return out_channels - in_channels
        return out_channels

    @property
    def keeps_input(self) -> bool:
        return self.shortcut == "concatenate"

    @property
    def channel_multiple(self) -> int:
        """What the input and output channels must be multiples of."""
        return lcm(self.groups, self.reduce_groups)
