"""The unit of ShuffleNetV1 as data (arXiv 1707.01083)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm
from typing import ClassVar, Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.groups import check_divides, grouped_width
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import Width

ShuffleShortcut = Literal["identity", "concatenate", "none"]


@dataclass(frozen=True, kw_only=True)
class ShuffleV1:
    """Reduce 1x1 in groups, shuffle, depthwise kxk, restore 1x1 in groups; shortcut.

    Each convolution has a batch norm; there is no activation behind the depthwise one.
    The identity is added in front of the last activation, where the shape stays. To
    `concatenate` puts the input, average-pooled to the output's size, beside the
    outputs of the last 1x1, which are then so many fewer: the first unit of a stage.
    `reduce_groups` are those of the first 1x1, 1 in the first unit of all.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    groups: int = 3
    reduce_groups: int = 3
    inner_ratio: float = 0.25
    inner_multiple: int = 1
    inner_activation: Activation = "relu"
    output_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    shortcut: ShuffleShortcut = "identity"
    kind: Literal["shuffle_v1"] = "shuffle_v1"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_at_least("groups of a shuffle unit", self.groups, 1)
        check_at_least("reduce_groups of a shuffle unit", self.reduce_groups, 1)
        check_at_least("inner_multiple", self.inner_multiple, 0)
        if not 0 < self.inner_ratio < float("inf"):
            raise SpecError(f"inner_ratio {self.inner_ratio} is not positive")
        check_choice("inner_activation", self.inner_activation, Activation)
        check_choice("output_activation", self.output_activation, Activation)
        check_choice("shortcut", self.shortcut, ShuffleShortcut)

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the groups do not divide the widths between two blocks."""
        check_divides(self.reduce_groups, in_channels, "inputs of a shuffle unit")
        made = self.made(in_channels, self.out_channels)
        if made < 1:
            raise SpecError(
                f"a shuffle unit that concatenates makes {self.out_channels} channels "
                f"of {in_channels}; give more than it takes in"
            )
        check_divides(self.groups, made, "channels that a shuffle unit makes")

    def inner(self, out_channels: Width) -> Width:
        """Channels of the depthwise convolution, for a number or a column of outputs."""
        return grouped_width(
            out_channels * self.inner_ratio,
            self.inner_multiple,
            lcm(self.groups, self.reduce_groups),
        )

    def made(self, in_channels: Width, out_channels: Width) -> Width:
        """Outputs of the last 1x1: all, or those that the input leaves."""
        if self.shortcut == "concatenate":
            return out_channels - in_channels
        return out_channels

    @property
    def channel_multiple(self) -> int:
        """What the channels on both sides are multiples of."""
        return lcm(self.groups, self.reduce_groups)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
