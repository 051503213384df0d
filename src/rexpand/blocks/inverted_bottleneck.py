"""The inverted bottleneck (arXiv 1801.04381), with a partial shortcut (2007.00992)."""

from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import add_shortcut
from rexpand.blocks.squeeze_excite import inner_squeeze_excite, squeezes_first


class InvertedBottleneck(nn.Module):
    """Expand 1x1, depthwise kxk, [squeeze-excite], project 1x1, each with batch norm.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). With
    `groups` above 1 the channels are shuffled before the depthwise convolution. The
    squeeze-excite comes before or after the depthwise activation.
    """

    def __init__(self, block: spec.InvertedBottleneck, in_channels: int) -> None:
        super().__init__()
        middle, groups = int(block.expanded(in_channels)), block.groups
        self.expand = (
            ConvNorm(
                in_channels, middle, groups=groups, activation=block.expand_activation
            )
            if block.expands
            else nn.Identity()
        )
        self.shuffle = ChannelShuffle(groups) if groups > 1 else nn.Identity()
        self.depthwise = ConvNorm(
            middle,
            middle,
            kernel_size=block.kernel_size,
            stride=block.stride,
            dilation=block.dilation,
            groups=middle,
        )
        self.squeeze_excite = inner_squeeze_excite(block, in_channels)
        self.depthwise_activation = activation(block.depthwise_activation)
        self.project = ConvNorm(
            middle,
            block.out_channels,
            groups=groups,
            activation=block.project_activation,
        )
        self.squeezes_first = squeezes_first(block)
        self.has_shortcut = block.joins(in_channels)
        self.missing = block.out_channels - in_channels
        self.drop_path = DropPath() if self.has_shortcut else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        return self.after_expansion(self.expand(images), images)

    def after_expansion(self, expanded: Tensor, images: Tensor) -> Tensor:
        """The output for `images`, which the block has already expanded."""
        outputs = self.depthwise(self.shuffle(expanded))
        if self.squeezes_first:
            outputs = self.depthwise_activation(self.squeeze_excite(outputs))
        else:
            outputs = self.squeeze_excite(self.depthwise_activation(outputs))
        outputs = self.project(outputs)
        if not self.has_shortcut:
            return outputs
        return add_shortcut(self.drop_path(outputs), images, self.missing)
