"""How the input of a residual block joins its output."""

from torch import Tensor, nn
from torch.nn.functional import pad

from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.shortcut import joins


class Residual(nn.Module):
    """Drop path on the branch, [1x1 with batch norm on the input], sum.

    `branch` is changed in place: nothing of a batch norm's or a pooling's output is
    kept for the backward pass. Without a shortcut it comes back as it is.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, stride: int, shortcut: str
    ) -> None:
        super().__init__()
        projects = shortcut == "projection"
        self.projection = (
            ConvNorm(in_channels, out_channels, stride=stride)
            if projects
            else nn.Identity()
        )
        self.has_shortcut = projects or joins(
            shortcut, in_channels, out_channels, stride
        )
        self.missing = 0 if projects else out_channels - in_channels
        self.drop_path = DropPath()

    def forward(self, branch: Tensor, images: Tensor) -> Tensor:
        if not self.has_shortcut:
            return branch
        incoming = self.projection(images)
        if self.missing:
            incoming = pad(incoming, (0, 0, 0, 0, 0, self.missing))
        branch = self.drop_path(branch)
        branch += incoming
        return branch
