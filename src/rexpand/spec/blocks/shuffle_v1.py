"""The unit of ShuffleNetV1 as data (arXiv 1707.01083)."""

from dataclasses import dataclass
from math import lcm
from typing import Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    Activation,
    check_at_least,
    check_choice,
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
    `reduce_groups` are the groups of the first 1x1: 1 in the network's first unit.
    """

    kernel_size: int = 3
    groups: int = 3
    reduce_groups: int = 3
    inner_ratio: float = 0.25
    inner_multiple: int = rounding()
    inner_activation: Activation = nonlinearity("relu", "inner")
    output_activation: Activation = nonlinearity("relu", "output")
    shortcut: ShuffleShortcut = "identity"
    kind: Literal["shuffle_v1"] = "shuffle_v1"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least("groups of a shuffle unit", self.groups, 1)
        check_at_least("reduce_groups of a shuffle unit", self.reduce_groups, 1)
        if not 0 < self.inner_ratio < float("inf"):
            raise SpecError(f"inner_ratio {self.inner_ratio} is not positive")
        check_choice("shortcut", self.shortcut, ShuffleShortcut)

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
