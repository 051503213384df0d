"""The channel shuffle (arXiv 1707.01083)."""

from torch import Tensor, nn


class ChannelShuffle(nn.Module):
    """Interleave the groups of channels: the first of each group, then the second, ...

    Maps (batch, channels, height, width) to the same shape: with 2 groups,
    0 1 2 3 becomes 0 2 1 3. Reshapes and a transposition, which every runtime has.
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, images: Tensor) -> Tensor:
        batch, channels, height, width = images.shape
        parts = images.view(batch, self.groups, channels // self.groups, height, width)
        return parts.transpose(1, 2).reshape(batch, channels, height, width)
