"""The residual bottleneck (arXiv 1512.03385; in groups, arXiv 1611.05431)."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.residual import Residual


class ResidualBottleneck(nn.Module):
    """Reduce 1x1, kxk in groups, restore 1x1, [squeeze-excite], shortcut, activation.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Each
    convolution has a batch norm; the kxk one has the stride.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        inner_channels: int,
        kernel_size: int,
        stride: int,
        dilation: int,
        groups: int,
        inner_activation: str,
        output_activation: str,
        squeeze_excite: nn.Module | None,
        shortcut: str,
    ) -> None:
        super().__init__()
        self.reduce = ConvNorm(in_channels, inner_channels, activation=inner_activation)
        self.filter = ConvNorm(
            inner_channels,
            inner_channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            groups=groups,
            activation=inner_activation,
        )
        self.restore = ConvNorm(inner_channels, out_channels)
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.residual = Residual(
            in_channels, out_channels, stride=stride, shortcut=shortcut
        )
        self.activation = activation(output_activation)

    def forward(self, images: Tensor) -> Tensor:
        branch = self.restore(self.filter(self.reduce(images)))
        branch = self.squeeze_excite(branch)
        return self.activation(self.residual(branch, images))
