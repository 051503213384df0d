"""The inverted bottleneck (arXiv 1801.04381), with a partial shortcut (2007.00992)."""

from typing import Literal

from torch import Tensor, nn

from rexpand.blocks.activation import activation
from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import add_shortcut, joins


class InvertedBottleneck(nn.Module):
    """Expand 1x1, depthwise kxk, [squeeze-excite], project 1x1, each with batch norm.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). There is no
    first 1x1 if `expanded_channels` is None. With `groups` above 1 the channels are
    shuffled in front of the depthwise convolution. The squeeze-excite stands before or
    behind the depthwise activation.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expanded_channels: int | None,
        kernel_size: int,
        stride: int,
        dilation: int = 1,
        groups: int = 1,
        expand_activation: str,
        depthwise_activation: str,
        project_activation: str,
        squeeze_excite: nn.Module | None,
        squeeze_position: Literal["before_activation", "after_activation"],
        shortcut: str,
    ) -> None:
        super().__init__()
        middle = expanded_channels or in_channels
        self.expand = (
            ConvNorm(in_channels, middle, groups=groups, activation=expand_activation)
            if expanded_channels
            else nn.Identity()
        )
        self.shuffle = ChannelShuffle(groups) if groups > 1 else nn.Identity()
        self.depthwise = ConvNorm(
            middle,
            middle,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            groups=middle,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.depthwise_activation = activation(depthwise_activation)
        self.project = ConvNorm(
            middle, out_channels, groups=groups, activation=project_activation
        )
        self.squeezes_first = squeeze_position == "before_activation"
        self.has_shortcut = joins(shortcut, in_channels, out_channels, stride)
        self.missing = out_channels - in_channels
        self.drop_path = DropPath() if self.has_shortcut else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        outputs = self.depthwise(self.shuffle(self.expand(images)))
        if self.squeezes_first:
            outputs = self.depthwise_activation(self.squeeze_excite(outputs))
        else:
            outputs = self.squeeze_excite(self.depthwise_activation(outputs))
        outputs = self.project(outputs)
        if not self.has_shortcut:
            return outputs
        return add_shortcut(self.drop_path(outputs), images, self.missing)
