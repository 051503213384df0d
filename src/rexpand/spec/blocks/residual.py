"""What the residual kinds have in common (arXiv 1512.03385)."""

from dataclasses import dataclass

from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.shortcut import ResidualShortcut, adds


@dataclass(frozen=True, kw_only=True)
class Residual(BlockSpec):
    """A block whose input is added to its output, directly or through a projection."""

    shortcut: ResidualShortcut = "partial"

    @property
    def projects(self) -> bool:
        """Whether the shortcut is a convolution."""
        return self.shortcut == "projection"

    def joins(self, in_channels: int) -> bool:
        return adds(self.shortcut, in_channels, self.out_channels, self.stride)
