"""The unit of ShuffleNetV2 (arXiv 1807.11164)."""

import torch
from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.squeeze_excite import squeeze_excite


class ShuffleV2(nn.Module):
    """1x1, depthwise kxk, 1x1 on one side, the input on the other; shuffle the two.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Each
    convolution has a batch norm. A unit that splits convolves the second half of the
    input and passes the first half on. A unit that does not split sends the whole input
    to both sides; the other side then has a depthwise kxk and a 1x1.
    """

    def __init__(self, block: spec.ShuffleV2, in_channels: int) -> None:
        super().__init__()
        out_channels = block.out_channels
        inner = int(block.half(out_channels))
        passed = int(block.passed(in_channels, out_channels))
        taken = int(block.taken(in_channels))
        self.reduce = ConvNorm(taken, inner, activation=block.inner_activation)
        self.depthwise = _depthwise(block, inner)
        self.restore = ConvNorm(
            inner, out_channels - passed, activation=block.output_activation
        )
        self.squeeze_excite = squeeze_excite(
            block.squeeze_excite, out_channels - passed
        )
        self.widths = [passed, taken] if block.split else []
        self.beside = (
            nn.Identity()
            if block.split
            else nn.Sequential(
                _depthwise(block, in_channels),
                ConvNorm(in_channels, passed, activation=block.output_activation),
            )
        )
        self.shuffle = ChannelShuffle(2)

    def forward(self, images: Tensor) -> Tensor:
        if self.widths:
            passed, taken = torch.split(images, self.widths, dim=1)
        else:
            passed = taken = images
        branch = self.restore(self.depthwise(self.reduce(taken)))
        branch = self.squeeze_excite(branch)
        return self.shuffle(torch.cat((self.beside(passed), branch), dim=1))


def _depthwise(block: spec.ShuffleV2, channels: int) -> ConvNorm:
    return ConvNorm(
        channels,
        channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        groups=channels,
    )
