"""A plain convolution as a block, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.spec.blocks.choices import STRICT, Activation, check_choice
from rexpand.spec.blocks.geometry import check_geometry, strided, unpadded
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """kxk convolution, batch norm, activation, [squeeze-excite].

    Where it is not `padded` the map loses its border (Xception's second convolution).
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    padded: bool = True
    output_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    kind: Literal["convolution"] = "convolution"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_choice("output_activation", self.output_activation, Activation)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        if self.padded:
            return strided(in_size, self.stride)
        reach = self.dilation * (self.kernel_size - 1) + 1
        return unpadded(in_size, reach, self.stride)
