"""The depthwise-separable convolution (arXiv 1704.04861)."""

from torch import Tensor, nn

from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.shortcut import add_shortcut, joins


class DepthwiseSeparable(nn.Module):
    """Depthwise kxk, pointwise 1x1, each with batch norm and activation.

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
        depthwise_activation: str,
        pointwise_activation: str,
        shortcut: str,
    ) -> None:
        super().__init__()
        self.depthwise = ConvNorm(
            in_channels,
            in_channels,
            kernel_size=kernel_size,
            stride=stride,
            groups=in_channels,
            activation=depthwise_activation,
        )
        self.pointwise = ConvNorm(
            in_channels, out_channels, activation=pointwise_activation
        )
        self.has_shortcut = joins(shortcut, in_channels, out_channels, stride)

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.pointwise(self.depthwise(images))
        return add_shortcut(outputs, images) if self.has_shortcut else outputs
