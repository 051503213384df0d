"""The basic residual block (arXiv 1512.03385)."""

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.residual import residual
from rexpand.blocks.squeeze_excite import squeeze_excite


class BasicResidual(nn.Module):
    """kxk, kxk, each with batch norm, [squeeze-excite], shortcut, activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)).
    """

    def __init__(self, block: spec.BasicResidual, in_channels: int) -> None:
        super().__init__()
        out_channels, kernel_size = block.out_channels, block.kernel_size
        self.first = ConvNorm(
            in_channels,
            out_channels,
            kernel_size=kernel_size,
            stride=block.stride,
            dilation=block.dilation,
            activation=block.inner_activation,
        )
        self.second = ConvNorm(
            out_channels,
            out_channels,
            kernel_size=kernel_size,
            dilation=block.dilation,
        )
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, out_channels)
        self.residual = residual(block, in_channels)
        self.activation = activation(block.output_activation)

    def forward(self, images: Tensor) -> Tensor:
        branch = self.squeeze_excite(self.second(self.first(images)))
        return self.activation(self.residual(branch, images))
