"""The depthwise-separable convolution as data (arXiv 1704.04861)."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from rexpand.ranges import KERNEL
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.fields import nonlinearity
from rexpand.spec.blocks.inverted_residual import InvertedResidual
from rexpand.spec.rounding import Width


@dataclass(frozen=True, kw_only=True)
class DepthwiseSeparable(InvertedResidual):
    """Depthwise kxk, [squeeze-excite], pointwise 1x1, each with a batch norm."""

    kernel_size: Annotated[int, KERNEL] = 3
    depthwise_activation: Activation = nonlinearity("relu", "depthwise")
    pointwise_activation: Activation = nonlinearity("relu", "pointwise")
    kind: Literal["depthwise_separable"] = "depthwise_separable"
    last: ClassVar[str] = "pointwise"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    @property
    def expands(self) -> bool:
        return False

    @property
    def has_separate_units(self) -> bool:
        return True

    def expanded(self, in_channels: Width) -> Width:
        return in_channels

    def squeezed(self, in_channels: Width) -> Width:
        assert self.squeeze_excite is not None
        return self.squeeze_excite.squeezed(in_channels)
