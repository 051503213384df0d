"""A plain convolution as a block."""

from torch import Tensor, nn

from rexpand.blocks.conv_norm import ConvNorm


class Convolution(nn.Module):
    """kxk convolution, batch norm, activation, [squeeze-excite].

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)); without
    `padded` the map loses its border.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int,
        stride: int,
        dilation: int,
        padded: bool,
        activation: str,
        squeeze_excite: nn.Module | None,
    ) -> None:
        super().__init__()
        self.filter = ConvNorm(
            in_channels,
            out_channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            activation=activation,
            padded=padded,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        return self.squeeze_excite(self.filter(images))
