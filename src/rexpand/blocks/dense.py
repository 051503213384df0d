"""The layer of CondenseNet (arXiv 1711.09224)."""

import torch
from torch import Tensor, nn

from rexpand.blocks.condensed import CondensedConv
from rexpand.blocks.norm_conv import NormConv


class Dense(nn.Module):
    """[Pool], chosen inputs through 1x1 in groups, shuffle, kxk in groups; join.

    Maps (batch, in_channels, height, width) to
    (batch, in_channels + growth, ceil(height / stride), ceil(width / stride)): the
    pooled input, and behind it what the kxk convolution makes. A batch norm and an
    activation stand in front of either convolution.
    """

    def __init__(
        self,
        in_channels: int,
        growth: int,
        *,
        inner_channels: int,
        kernel_size: int,
        stride: int,
        dilation: int,
        groups: int,
        condense_factor: int,
        input_activation: str,
        inner_activation: str,
        squeeze_excite: nn.Module | None,
    ) -> None:
        super().__init__()
        self.pool = (
            # Taking the last pixels of odd sides in, as every other stride does.
            nn.AvgPool2d(stride, ceil_mode=True) if stride > 1 else nn.Identity()
        )
        self.reduce = CondensedConv(
            in_channels,
            inner_channels,
            groups=groups,
            condense_factor=condense_factor,
            activation=input_activation,
        )
        self.filter = NormConv(
            inner_channels,
            growth,
            kernel_size=kernel_size,
            dilation=dilation,
            groups=groups,
            activation=inner_activation,
        )
        self.squeeze_excite = squeeze_excite or nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        images = self.pool(images)
        grown = self.squeeze_excite(self.filter(self.reduce(images)))
        return torch.cat((images, grown), dim=1)
