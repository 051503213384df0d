"""Convolution, batch norm, activation: what every block is made of."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer


class ConvNorm(nn.Module):
    """kxk convolution without bias, padded by half the kernel, batch norm, activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Without `norm`
    the convolution has a bias, unless `bias` is false; without `padded` the map loses
    its border.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 1,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        activation: str = "linear",
        norm: bool = True,
        bias: bool | None = None,
        padded: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding=dilation * (kernel_size // 2) if padded else 0,
            dilation=dilation,
            groups=groups,
            bias=not norm if bias is None else bias,
        )
        self.norm = nn.BatchNorm2d(out_channels) if norm else nn.Identity()
        self.activation = activation_layer(activation)

    def forward(self, images: Tensor) -> Tensor:
        return self.activation(self.norm(self.conv(images)))
