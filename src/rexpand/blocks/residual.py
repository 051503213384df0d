"""How the input of a residual block joins its output."""

from torch import Tensor, nn
from torch.nn.functional import pad

from rexpand import spec
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath


class Residual(nn.Module):
    """Drop path on the branch, [projection of the input], sum.

    The input has `missing` channels fewer than the branch.

    `branch` is changed in place: the backward pass of a batch norm or a pooling does
    not need its output. Unless it `joins`, the branch is returned unchanged.
    """

    def __init__(
        self, *, joins: bool, projection: nn.Module | None = None, missing: int = 0
    ) -> None:
        super().__init__()
        self.projection = projection or nn.Identity()
        self.has_shortcut = joins
        self.missing = missing
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


def residual(block: spec.Residual, in_channels: int) -> Residual:
    """The sum at the end of a residual block."""
    joins, out_channels = block.joins(in_channels), block.out_channels
    if not block.projects:
        return Residual(joins=joins, missing=out_channels - in_channels)
    projection = ConvNorm(in_channels, out_channels, stride=block.stride)
    return Residual(joins=joins, projection=projection)
