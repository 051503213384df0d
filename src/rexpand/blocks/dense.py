"""The layer of CondenseNet (arXiv 1711.09224)."""

import torch
from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.condensed import CondensedConv
from rexpand.blocks.norm_conv import NormConv
from rexpand.blocks.squeeze_excite import squeeze_excite


class Dense(nn.Module):
    """[Pool], chosen inputs through 1x1 in groups, shuffle, kxk in groups; concatenate.

    Maps (batch, in_channels, height, width) to
    (batch, out_channels, ceil(height / stride), ceil(width / stride)): the
    pooled input, then the outputs of the kxk convolution. Each convolution comes after
    a batch norm and an activation.
    """

    def __init__(self, block: spec.Dense, in_channels: int) -> None:
        super().__init__()
        growth = block.out_channels - in_channels
        inner_channels = int(block.inner(growth))
        self.pool = (
            # Odd sides keep their last pixels, as with every other stride.
            nn.AvgPool2d(block.stride, ceil_mode=True)
            if block.stride > 1
            else nn.Identity()
        )
        self.reduce = CondensedConv(
            in_channels,
            inner_channels,
            groups=block.groups,
            condense_factor=block.condense_factor,
            activation=block.input_activation,
            is_learned=block.learned_groups,
        )
        self.filter = NormConv(
            inner_channels,
            growth,
            kernel_size=block.kernel_size,
            dilation=block.dilation,
            groups=block.groups,
            activation=block.inner_activation,
        )
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, growth)

    def forward(self, images: Tensor) -> Tensor:
        images = self.pool(images)
        grown = self.squeeze_excite(self.filter(self.reduce(images)))
        return torch.cat((images, grown), dim=1)
