"""The basic residual block as data (arXiv 1512.03385)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.spec.blocks.choices import STRICT, Activation, check_choice
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.residual import ResidualShortcut
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite


@dataclass(frozen=True, kw_only=True)
class BasicResidual:
    """Two kxk convolutions with batch norm, [squeeze-excite], add, activation.

    The first has the stride. The shortcut is added in front of the last activation.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    inner_activation: Activation = "relu"
    output_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    shortcut: ResidualShortcut = "partial"
    kind: Literal["basic_residual"] = "basic_residual"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_choice("inner_activation", self.inner_activation, Activation)
        check_choice("output_activation", self.output_activation, Activation)
        check_choice("shortcut", self.shortcut, ResidualShortcut)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
