"""The unit of ShuffleNetV2 (arXiv 1807.11164)."""

import torch
from torch import Tensor, nn

from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.conv_norm import ConvNorm


class ShuffleV2(nn.Module):
    """1x1, depthwise kxk, 1x1 on one side, the input on the other; shuffle the two.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)). Each
    convolution has a batch norm. A unit that splits sends the last `taken_channels` of
    the input through and lets the first `passed_channels` pass; one that does not sends
    the whole input both ways, on the other side through a depthwise kxk and a 1x1.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        passed_channels: int,
        taken_channels: int,
        inner_channels: int,
        kernel_size: int,
        stride: int,
        dilation: int,
        split: bool,
        inner_activation: str,
        output_activation: str,
        squeeze_excite: nn.Module | None,
    ) -> None:
        super().__init__()
        self.reduce = ConvNorm(
            taken_channels, inner_channels, activation=inner_activation
        )
        self.depthwise = ConvNorm(
            inner_channels,
            inner_channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            groups=inner_channels,
        )
        self.restore = ConvNorm(
            inner_channels,
            out_channels - passed_channels,
            activation=output_activation,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()
        self.widths = [passed_channels, taken_channels] if split else []
        self.beside = (
            nn.Identity()
            if split
            else nn.Sequential(
                ConvNorm(
                    in_channels,
                    in_channels,
                    kernel_size=kernel_size,
                    stride=stride,
                    dilation=dilation,
                    groups=in_channels,
                ),
                ConvNorm(in_channels, passed_channels, activation=output_activation),
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
