"""The unit of ShuffleNetV1 (arXiv 1707.01083)."""

import torch
from torch import Tensor, nn

from rexpand.blocks.activation import activation
from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.residual import Residual

_POOL_KERNEL = 3  # of the average pooling beside a unit with a stride


class ShuffleV1(nn.Module):
    """Reduce 1x1 in groups, shuffle, depthwise kxk, restore 1x1 in groups; shortcut.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Each
    convolution has a batch norm. A unit that concatenates puts its pooled input in
    front of what it makes; any other adds it, in front of the last activation.
    """

    def __init__(
        self,
        in_channels: int,
        made_channels: int,
        *,
        inner_channels: int,
        kernel_size: int,
        stride: int,
        dilation: int,
        groups: int,
        reduce_groups: int,
        inner_activation: str,
        output_activation: str,
        squeeze_excite: nn.Module | None,
        shortcut: str,
    ) -> None:
        super().__init__()
        self.reduce = ConvNorm(
            in_channels,
            inner_channels,
            groups=reduce_groups,
            activation=inner_activation,
        )
        self.shuffle = ChannelShuffle(groups) if groups > 1 else nn.Identity()
        self.depthwise = ConvNorm(
            inner_channels,
            inner_channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            groups=inner_channels,
        )
        self.restore = ConvNorm(inner_channels, made_channels, groups=groups)
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.activation = activation(output_activation)
        self.concatenates = shortcut == "concatenate"
        self.residual = Residual(
            in_channels,
            made_channels,
            stride=stride,
            shortcut="none" if self.concatenates else shortcut,
        )
        self.pool = (
            nn.AvgPool2d(_POOL_KERNEL, stride, padding=_POOL_KERNEL // 2)
            if self.concatenates and stride > 1
            else nn.Identity()
        )

    def forward(self, images: Tensor) -> Tensor:
        branch = self.restore(self.depthwise(self.shuffle(self.reduce(images))))
        branch = self.residual(self.squeeze_excite(branch), images)
        branch = self.activation(branch)
        if self.concatenates:
            return torch.cat((self.pool(images), branch), dim=1)
        return branch
