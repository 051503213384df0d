"""The residual bottleneck (arXiv 1512.03385; in groups, arXiv 1611.05431)."""

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.residual import residual
from rexpand.blocks.squeeze_excite import squeeze_excite


class ResidualBottleneck(nn.Module):
    """Reduce 1x1, kxk in groups, restore 1x1, [squeeze-excite], shortcut, activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Each
    convolution has a batch norm; the kxk one has the stride.
    """

    def __init__(self, block: spec.ResidualBottleneck, in_channels: int) -> None:
        super().__init__()
        inner_channels = int(block.inner(block.out_channels))
        self.reduce = ConvNorm(
            in_channels, inner_channels, activation=block.inner_activation
        )
        self.filter = ConvNorm(
            inner_channels,
            inner_channels,
            kernel_size=block.kernel_size,
            stride=block.stride,
            dilation=block.dilation,
            groups=block.groups,
            activation=block.inner_activation,
        )
        self.restore = ConvNorm(inner_channels, block.out_channels)
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, block.out_channels)
        self.residual = residual(block, in_channels)
        self.activation = activation(block.output_activation)

    def forward(self, images: Tensor) -> Tensor:
        branch = self.restore(self.filter(self.reduce(images)))
        branch = self.squeeze_excite(branch)
        return self.activation(self.residual(branch, images))
