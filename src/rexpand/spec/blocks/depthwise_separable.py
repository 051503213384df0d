"""The depthwise-separable convolution as data (arXiv 1704.04861)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    Shortcut,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite


@dataclass(frozen=True, kw_only=True)
class DepthwiseSeparable:
    """Depthwise kxk, [squeeze-excite], pointwise 1x1, each with batch norm (MobileNetV1)."""

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    depthwise_activation: Activation = "relu"
    pointwise_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    shortcut: Shortcut = "none"
    kind: Literal["depthwise_separable"] = "depthwise_separable"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_choice("depthwise_activation", self.depthwise_activation, Activation)
        check_choice("pointwise_activation", self.pointwise_activation, Activation)
        check_choice("shortcut", self.shortcut, Shortcut)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
