"""A plain convolution as a block, as data."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import KERNEL
from rexpand.spec.blocks.choices import Activation
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.fields import nonlinearity
from rexpand.spec.blocks.geometry import unpadded


@dataclass(frozen=True, kw_only=True)
class Convolution(BlockSpec):
    """kxk convolution, batch norm, activation, [squeeze-excite].

    Where it is not `padded` the map loses its border (Xception's second convolution).
    """

    kernel_size: Annotated[int, KERNEL] = 3
    padded: bool = True
    output_activation: Activation = nonlinearity("relu", "output")
    kind: Literal["convolution"] = "convolution"

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def joins(self, in_channels: int) -> bool:
        return False

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        if self.padded:
            return super().out_size(in_size)
        reach = self.dilation * (self.kernel_size - 1) + 1
        return unpadded(in_size, reach, self.stride)
