"""Batch norm, activation, convolution: the order in densely connected networks."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer


class NormConv(nn.Module):
    """Batch norm, activation, kxk convolution without bias, padded by half the kernel.

    Maps (batch, in_channels, height, width) to (batch, out_channels, height, width).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 1,
        dilation: int = 1,
        groups: int = 1,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.activation = activation_layer(activation)
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            padding=dilation * (kernel_size // 2),
            dilation=dilation,
            groups=groups,
            bias=False,
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.conv(self.activation(self.norm(images)))
