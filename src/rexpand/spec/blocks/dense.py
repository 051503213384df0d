"""The layer of CondenseNet as data (arXiv 1711.09224)."""

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


@dataclass(frozen=True, kw_only=True)
class Dense:
    """Chosen inputs through 1x1 in groups, shuffle, kxk in groups; joined to the input.

    A batch norm and an activation stand in front of either convolution. What the block
    puts out is its input and, behind it, what the kxk convolution makes: the growth is
    `out_channels` less the inputs, and the 1x1 makes `inner_ratio` of that. Each group
    of the 1x1 sees one in `condense_factor` of the inputs: which, training chooses
    (learned group convolution). A stride is an average pooling in front of it all.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    groups: int = 4
    condense_factor: int = 4
    inner_ratio: float = 4.0
    inner_multiple: int = 1
    input_activation: Activation = "relu"
    inner_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    kind: Literal["dense"] = "dense"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_at_least("groups of a dense layer", self.groups, 1)
        check_at_least("condense_factor", self.condense_factor, 1)
        check_at_least("inner_multiple", self.inner_multiple, 0)
        if not 0 < self.inner_ratio < float("inf"):
            raise SpecError(f"inner_ratio {self.inner_ratio} is not positive")
        check_choice("input_activation", self.input_activation, Activation)
        check_choice("inner_activation", self.inner_activation, Activation)

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the block adds nothing, or groups do not divide a width."""
        growth = self.out_channels - in_channels
        if growth < 1:
            raise SpecError(
                f"a dense layer of {self.out_channels} channels behind {in_channels} "
                "adds none; give it more than it takes in"
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
        """What the channels on both sides are multiples of."""
        return lcm(self.groups, self.condense_factor)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
