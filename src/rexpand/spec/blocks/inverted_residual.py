"""What the kinds that expand, filter and project have in common."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.shortcut import Shortcut, adds
from rexpand.spec.rounding import Width


@dataclass(frozen=True, kw_only=True)
class InvertedResidual(BlockSpec):
    """A block with inner units of its own and an input added to the first outputs.

    `last` is the position of the last convolution.
    """

    shortcut: Shortcut = "none"
    last: ClassVar[str] = "project"

    def joins(self, in_channels: int) -> bool:
        return adds(self.shortcut, in_channels, self.out_channels, self.stride)

    def with_shortcut(self, shortcut: Shortcut) -> Self:
        """The block with another shortcut."""
        return replace(self, shortcut=shortcut)

    @property
    @abstractmethod
    def expands(self) -> bool:
        """Whether there is a first 1x1."""

    @property
    @abstractmethod
    def has_separate_units(self) -> bool:
        """Whether any inner channel can be doubled or removed without the others."""

    @abstractmethod
    def expanded(self, in_channels: Width) -> Width:
        """Channels of the depthwise convolution, for a number or a column of them."""

    @abstractmethod
    def squeezed(self, in_channels: Width) -> Width:
        """Inner width of the squeeze-excite."""
