"""The depthwise-separable convolution (arXiv 1704.04861)."""

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import add_shortcut
from rexpand.blocks.squeeze_excite import inner_squeeze_excite


class DepthwiseSeparable(nn.Module):
    """Depthwise kxk, [squeeze-excite], pointwise 1x1, with batch norm and activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)).
    """

    def __init__(self, block: spec.DepthwiseSeparable, in_channels: int) -> None:
        super().__init__()
        self.depthwise = ConvNorm(
            in_channels,
            in_channels,
            kernel_size=block.kernel_size,
            stride=block.stride,
            dilation=block.dilation,
            groups=in_channels,
            activation=block.depthwise_activation,
        )
        self.squeeze_excite = inner_squeeze_excite(block, in_channels)
        self.pointwise = ConvNorm(
            in_channels, block.out_channels, activation=block.pointwise_activation
        )
        self.has_shortcut = block.joins(in_channels)
        self.missing = block.out_channels - in_channels
        self.drop_path = DropPath() if self.has_shortcut else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.pointwise(self.squeeze_excite(self.depthwise(images)))
        if not self.has_shortcut:
            return outputs
        return add_shortcut(self.drop_path(outputs), images, self.missing)
