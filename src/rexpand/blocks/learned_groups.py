"""Layers that learn which part of their inputs to use (arXiv 1711.09224, Section 3).

Training starts with all inputs. Its first half has `condense_factor` - 1 steps of equal
length; after each, every group drops one in `condense_factor` of the inputs, those
whose absolute weights have the smallest sum. The second half trains what is left.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

from rexpand.blocks.norm_conv import NormConv

_LEAST_SQUARE = 1e-6  # under the root of the group lasso, whose slope at 0 is infinite


def condensing_stage(progress: float, condense_factor: int) -> int:
    """Number of prunings due when a share `progress` of the training is done."""
    last = condense_factor - 1
    return min(int(2 * last * progress), last)


class InputChoice(nn.Module):
    """The inputs that each group of a layer still uses: `kept`, (groups, inputs).

    Group g holds the filters g, g + groups, g + 2 groups, ..., so that no shuffle is
    needed while all groups still use all inputs.
    """

    kept: Tensor

    def __init__(self, inputs: int, *, groups: int, condense_factor: int) -> None:
        super().__init__()
        self.condense_factor = condense_factor
        self.stage = 0  # of this object; a loaded `kept` may be ahead of it
        self.register_buffer("kept", torch.ones(groups, inputs, dtype=torch.bool))

    @property
    def is_final(self) -> bool:
        """Whether every group has dropped all it must, by `kept`."""
        groups, inputs = self.kept.shape
        return int(self.kept.sum()) == groups * inputs // self.condense_factor

    def follow(self, progress: float, weight: Tensor) -> None:
        """Drop the inputs that are due at a share `progress` of the training."""
        stage = condensing_stage(progress, self.condense_factor)
        if stage <= self.stage:
            return
        self.stage = stage
        inputs = self.kept.shape[1]
        left = inputs - stage * inputs // self.condense_factor
        if int(self.kept[0].sum()) > left:  # else a resumed run has done it
            magnitude = self._in_groups(weight.detach()).abs().sum(0)
            magnitude = magnitude.masked_fill(~self.kept, -1)
            largest = magnitude.topk(left, dim=1).indices
            self.kept.zero_().scatter_(1, largest, True)

    def masked(self, weight: Tensor) -> Tensor:
        """The weights, (filters, inputs), with 0 for inputs that were dropped."""
        return (self._in_groups(weight) * self.kept).view_as(weight)

    def lasso(self, weight: Tensor) -> Tensor:
        """Sum over groups and inputs of their weights' norm; 0 in the last stage."""
        if self.stage == self.condense_factor - 1:
            return weight.new_zeros(())
        squares = self._in_groups(self.masked(weight)).square().sum(0)
        return squares.clamp(min=_LEAST_SQUARE).sqrt().sum()

    def index(self) -> Tensor:
        """The inputs of the first group in order, then those of the second, ..."""
        return self.kept.nonzero()[:, 1]

    def condensed(self, weight: Tensor) -> Tensor:
        """The weights that are left, (filters, inputs of a group), group by group."""
        grouped = self._in_groups(weight).transpose(0, 1)
        groups, filters, _ = grouped.shape
        left = grouped[self.kept[:, None].expand_as(grouped)]
        return left.view(groups * filters, -1)

    def _in_groups(self, weight: Tensor) -> Tensor:
        """(filters, inputs) as (filters of a group, groups, inputs)."""
        return weight.view(-1, *self.kept.shape)


class LearnedGroupConv(nn.Module):
    """Batch norm, activation, 1x1 whose groups choose their inputs in training.

    Maps (batch, in_channels, height, width) to (batch, out_channels, height, width).
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, groups: int, condense_factor: int
    ) -> None:
        super().__init__()
        self.reduce = NormConv(in_channels, out_channels)
        self.choice = InputChoice(
            in_channels, groups=groups, condense_factor=condense_factor
        )

    def forward(self, images: Tensor) -> Tensor:
        maps = self.reduce.activation(self.reduce.norm(images))
        weight = self.choice.masked(self.weight)
        return conv2d(maps, weight[:, :, None, None])

    @property
    def weight(self) -> Tensor:
        """The weights, (filters, inputs)."""
        return self.reduce.conv.weight.flatten(1)

    def follow(self, progress: float) -> None:
        """Drop the inputs that are due at a share `progress` of the training."""
        self.choice.follow(progress, self.weight)


class LearnedLinear(nn.Module):
    """A linear layer that chooses one in `condense_factor` of its inputs in training.

    Maps (batch, in_features) to (batch, out_features).
    """

    def __init__(
        self, in_features: int, out_features: int, *, condense_factor: int, bias: bool
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features, bias=bias)
        self.choice = InputChoice(
            in_features, groups=1, condense_factor=condense_factor
        )

    def forward(self, features: Tensor) -> Tensor:
        weight = self.choice.masked(self.weight)
        return linear(features, weight, self.linear.bias)

    @property
    def weight(self) -> Tensor:
        """The weights, (classes, inputs)."""
        return self.linear.weight

    def follow(self, progress: float) -> None:
        """Drop the inputs that are due at a share `progress` of the training."""
        self.choice.follow(progress, self.weight)
