"""The basic residual block (arXiv 1512.03385)."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.residual import Residual


class BasicResidual(nn.Module):
    """kxk, kxk, each with batch norm, [squeeze-excite], shortcut, activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int,
        stride: int,
        dilation: int,
        inner_activation: str,
        output_activation: str,
        squeeze_excite: nn.Module | None,
        shortcut: str,
    ) -> None:
        super().__init__()
        self.first = ConvNorm(
            in_channels,
            out_channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            activation=inner_activation,
        )
        self.second = ConvNorm(
            out_channels, out_channels, kernel_size=kernel_size, dilation=dilation
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.residual = Residual(
            in_channels, out_channels, stride=stride, shortcut=shortcut
        )
        self.activation = activation(output_activation)

    def forward(self, images: Tensor) -> Tensor:
        branch = self.squeeze_excite(self.second(self.first(images)))
        return self.activation(self.residual(branch, images))
