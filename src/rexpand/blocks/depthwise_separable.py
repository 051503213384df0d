"""The depthwise-separable convolution (arXiv 1704.04861)."""

from torch import Tensor, nn

from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import add_shortcut, joins


class DepthwiseSeparable(nn.Module):
    """Depthwise kxk, [squeeze-excite], pointwise 1x1, with batch norm and activation.

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
        dilation: int = 1,
        depthwise_activation: str,
        pointwise_activation: str,
        squeeze_excite: nn.Module | None = None,
        shortcut: str,
    ) -> None:
        super().__init__()
        self.depthwise = ConvNorm(
            in_channels,
            in_channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            groups=in_channels,
            activation=depthwise_activation,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.pointwise = ConvNorm(
            in_channels, out_channels, activation=pointwise_activation
        )
        self.has_shortcut = joins(shortcut, in_channels, out_channels, stride)
        self.missing = out_channels - in_channels
        self.drop_path = DropPath() if self.has_shortcut else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.pointwise(self.squeeze_excite(self.depthwise(images)))
        if not self.has_shortcut:
            return outputs
        return add_shortcut(self.drop_path(outputs), images, self.missing)
