"""The unit of ShuffleNetV1 (arXiv 1707.01083)."""

import torch
from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.residual import Residual
from rexpand.blocks.squeeze_excite import squeeze_excite

_POOL_KERNEL = 3  # of the average pooling next to a unit with a stride


class ShuffleV1(nn.Module):
    """Reduce 1x1 in groups, shuffle, depthwise kxk, restore 1x1 in groups; shortcut.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Each
    convolution has a batch norm. A unit that concatenates puts its pooled input before
    its own outputs; any other adds it, before the last activation.
    """

    def __init__(self, block: spec.ShuffleV1, in_channels: int) -> None:
        super().__init__()
        made = int(block.made(in_channels, block.out_channels))
        inner = int(block.inner(block.out_channels))
        self.reduce = ConvNorm(
            in_channels,
            inner,
            groups=block.reduce_groups,
            activation=block.inner_activation,
        )
        shuffles = block.shuffle and block.groups > 1
        self.shuffle = ChannelShuffle(block.groups) if shuffles else nn.Identity()
        self.depthwise = ConvNorm(
            inner,
            inner,
            kernel_size=block.kernel_size,
            stride=block.stride,
            dilation=block.dilation,
            groups=inner,
        )
        self.restore = ConvNorm(inner, made, groups=block.groups)
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, made)
        self.activation = activation(block.output_activation)
        self.concatenates = block.shortcut == "concatenate"
        self.residual = Residual(joins=block.joins(in_channels))
        self.pool = (
            nn.AvgPool2d(_POOL_KERNEL, block.stride, padding=_POOL_KERNEL // 2)
            if self.concatenates and block.stride > 1
            else nn.Identity()
        )

    def forward(self, images: Tensor) -> Tensor:
        branch = self.restore(self.depthwise(self.shuffle(self.reduce(images))))
        branch = self.residual(self.squeeze_excite(branch), images)
        branch = self.activation(branch)
        if self.concatenates:
            return torch.cat((self.pool(images), branch), dim=1)
        return branch
