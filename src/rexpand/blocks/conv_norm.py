"""Convolution, batch norm, activation: what every block is made of."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer


class ConvNorm(nn.Module):
    """kxk convolution without bias, padded by half the kernel, batch norm, activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 1,
        stride: int = 1,
        groups: int = 1,
        activation: str = "linear",
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding=kernel_size // 2,
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(out_channels)
        self.activation = activation_layer(activation)

    def forward(self, images: Tensor) -> Tensor:
        return self.activation(self.norm(self.conv(images)))
