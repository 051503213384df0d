"""The residual bottleneck as data (arXiv 1512.03385; in groups, arXiv 1611.05431)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, lcm
from typing import ClassVar, Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.residual import ResidualShortcut
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import Width, nearest_multiple


@dataclass(frozen=True, kw_only=True)
class ResidualBottleneck:
    """Reduce 1x1, kxk in groups, restore 1x1, each with batch norm; add, activation.

    The kxk convolution has the stride (the paper's first 1x1 had it; every release of
    today moved it). Its width is `inner_ratio` of the outputs: ResNet's is a quarter,
    ResNeXt's `32x4d` a half. An `inner_multiple` above 1 rounds it, to whole groups too.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    inner_ratio: float = 0.25
    inner_multiple: int = 1
    inner_activation: Activation = "relu"
    output_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    shortcut: ResidualShortcut = "partial"
    kind: Literal["residual_bottleneck"] = "residual_bottleneck"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_at_least("groups of a residual bottleneck", self.groups, 1)
        check_at_least("inner_multiple", self.inner_multiple, 0)
        if not 0 < self.inner_ratio < inf:
            raise SpecError(f"inner_ratio {self.inner_ratio} is not positive")
        check_choice("inner_activation", self.inner_activation, Activation)
        check_choice("output_activation", self.output_activation, Activation)
        check_choice("shortcut", self.shortcut, ResidualShortcut)
        inner = self.inner(self.out_channels)
        if self.inner_multiple and inner % self.groups:
            raise SpecError(
                f"groups {self.groups} do not divide the {inner:g} inner channels of a "
                f"block of {self.out_channels}; give inner_multiple = {self.groups}"
            )

    def inner(self, out_channels: Width) -> Width:
        """Channels of the kxk convolution, for a number or a column of outputs."""
        multiple_of = self.inner_multiple
        if multiple_of > 1:
            multiple_of = lcm(multiple_of, self.groups)
        return nearest_multiple(out_channels * self.inner_ratio, multiple_of)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
