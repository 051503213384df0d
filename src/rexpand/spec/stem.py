"""What comes before the blocks, as data."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import KERNEL, STRIDE, WIDTH
from rexpand.size import Size
from rexpand.spec.blocks import Activation, check_kernel, pooled, strided, unpadded

POOL_KERNEL = 3  # of the max pooling after the convolution


@dataclass(frozen=True, kw_only=True)
class Stem:
    """The first convolution, with batch norm, and a 3x3 max pooling where it has one.

    Without `norm` the convolution has a bias, unless `bias` is false. A `pool_stride`
    of 1 means no pooling. Where it is not `padded` (SqueezeNet, Xception), the map
    loses its border and the pooling includes the last pixels; otherwise both are padded
    by half their kernel.
    """

    out_channels: Annotated[int, WIDTH]
    kernel_size: Annotated[int, KERNEL] = 3
    stride: Annotated[int, STRIDE] = 2
    activation: Activation = "relu6"
    norm: bool = True
    bias: bool = True
    padded: bool = True
    pool_stride: Annotated[int, STRIDE] = 1

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        check_kernel(self.kernel_size)

    @property
    def has_bias(self) -> bool:
        """Whether the convolution has a bias: a batch norm takes its place."""
        return self.bias and not self.norm

    def output(self, size: Size) -> Size:
        """Size of the first block's input, for a size of the image."""
        return size.each(self.out_size)

    def conv_size(self, resolution: int) -> int:
        """Side of the convolution's output, pixels."""
        if self.padded:
            return strided(resolution, self.stride)
        return unpadded(resolution, self.kernel_size, self.stride)

    def out_size(self, resolution: int) -> int:
        """Side of the first block's input, pixels."""
        size = self.conv_size(resolution)
        if self.pool_stride == 1:
            return size
        if self.padded:
            return strided(size, self.pool_stride)
        return pooled(size, POOL_KERNEL, self.pool_stride)
