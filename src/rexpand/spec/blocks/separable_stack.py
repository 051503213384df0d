"""Xception's stack of separable convolutions as data (arXiv 1610.02357)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.residual import ResidualShortcut
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite

Growth = Literal["first", "last"]
Channels = TypeVar("Channels")  # a number, or a numpy array of numbers


@dataclass(frozen=True, kw_only=True)
class SeparableStack:
    """Depthwise kxk, pointwise 1x1, batch norm, `repeats` times; max pool; add.

    An activation may stand in front of all, between any two, and behind all, in front
    of the pooling. A stride is a 3x3 max pooling at the end. The width changes in the
    first repeat, or in the last (Xception's last block with a shortcut).
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    repeats: int = 2
    growth: Growth = "first"
    input_activation: Activation = "relu"
    between_activation: Activation = "relu"
    output_activation: Activation = "linear"
    squeeze_excite: SqueezeExcite | None = None
    shortcut: ResidualShortcut = "partial"
    kind: Literal["separable_stack"] = "separable_stack"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_at_least("repeats of a separable stack", self.repeats, 1)
        check_choice("growth", self.growth, Growth)
        for position in ("input", "between", "output"):
            name = f"{position}_activation"
            check_choice(name, getattr(self, name), Activation)
        check_choice("shortcut", self.shortcut, ResidualShortcut)

    def widths(
        self, in_channels: Channels, out_channels: Channels
    ) -> tuple[Channels, ...]:
        """Channels in front of, between and behind the convolutions."""
        between = out_channels if self.growth == "first" else in_channels
        return (in_channels, *(between,) * (self.repeats - 1), out_channels)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
