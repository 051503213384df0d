"""A plain convolution as a block."""

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.squeeze_excite import squeeze_excite


class Convolution(nn.Module):
    """kxk convolution, batch norm, activation, [squeeze-excite].

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)); without
    `padded` the map loses its border.
    """

    def __init__(self, block: spec.Convolution, in_channels: int) -> None:
        super().__init__()
        self.filter = ConvNorm(
            in_channels,
            block.out_channels,
            kernel_size=block.kernel_size,
            stride=block.stride,
            dilation=block.dilation,
            activation=block.output_activation,
            padded=block.padded,
        )
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, block.out_channels)

    def forward(self, images: Tensor) -> Tensor:
        return self.squeeze_excite(self.filter(images))
