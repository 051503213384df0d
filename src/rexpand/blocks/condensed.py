"""Layers that use some of their inputs: CondenseNet's at test time (arXiv 1711.09224).

A buffer holds the indices of those and is saved with the weights. A new layer uses
its inputs in order; `rexpand.models.condensed` writes the choice of training.
"""

import torch
from torch import Tensor, nn

from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.blocks.norm_conv import NormConv


class CondensedConv(nn.Module):
    """Choose inputs, batch norm, activation, 1x1 in groups, shuffle.

    Maps (batch, in_channels, height, width) to (batch, out_channels, height, width).
    Each group uses `in_channels / condense_factor` inputs; two groups may use the same
    input, and some inputs may go unused. One that `is_learned` chooses them while the
    network trains; the others keep their order.
    """

    index: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        groups: int,
        condense_factor: int,
        activation: str,
        is_learned: bool = True,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.condense_factor = condense_factor
        self.is_learned = is_learned
        chosen = in_channels * groups // condense_factor
        self.register_buffer("index", torch.arange(chosen) % in_channels)
        self.reduce = NormConv(
            chosen, out_channels, groups=groups, activation=activation
        )
        self.shuffle = ChannelShuffle(groups)

    def forward(self, images: Tensor) -> Tensor:
        return self.shuffle(self.reduce(images.index_select(1, self.index)))


class CondensedLinear(nn.Module):
    """Choose one in `condense_factor` of the features, then a linear layer.

    Maps (batch, in_features) to (batch, out_features).
    """

    index: Tensor

    def __init__(
        self, in_features: int, out_features: int, *, condense_factor: int, bias: bool
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.condense_factor = condense_factor
        chosen = in_features // condense_factor
        self.register_buffer("index", torch.arange(chosen))
        self.linear = nn.Linear(chosen, out_features, bias=bias)

    def forward(self, features: Tensor) -> Tensor:
        return self.linear(features.index_select(1, self.index))
