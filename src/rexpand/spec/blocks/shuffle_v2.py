"""The unit of ShuffleNetV2 as data (arXiv 1807.11164)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import Width, divided


@dataclass(frozen=True, kw_only=True)
class ShuffleV2:
    """Half the input through 1x1, depthwise kxk, 1x1; the other half beside it; shuffle.

    Each convolution has a batch norm; there is no activation behind the depthwise one.
    A unit that does not `split` (the first of a stage) sends its whole input both ways,
    and the side that passed has a depthwise kxk and a 1x1 of its own.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    split: bool = True
    half_multiple: int = 1
    inner_activation: Activation = "relu"
    output_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    kind: Literal["shuffle_v2"] = "shuffle_v2"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_at_least("half_multiple", self.half_multiple, 0)
        check_choice("inner_activation", self.inner_activation, Activation)
        check_choice("output_activation", self.output_activation, Activation)
        if self.split and self.stride > 1:
            raise SpecError(
                f"a shuffle unit that splits its input cannot have stride {self.stride};"
                " give split = false"
            )
        if self.out_channels % 2:
            raise SpecError(
                f"{self.out_channels} channels of a shuffle unit have no two halves; "
                f"give {self.out_channels + 1}"
            )

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError if the input leaves one of the two sides without channels."""
        passed = self.passed(in_channels, self.out_channels)
        if in_channels < 2 or not 0 < passed < self.out_channels:
            raise SpecError(
                f"a shuffle unit of {self.out_channels} channels behind {in_channels} "
                "leaves one of its sides none; give it more"
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
        """What the channels on both sides are multiples of."""
        return 2

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
