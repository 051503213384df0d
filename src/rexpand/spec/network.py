"""A network as data: stem, blocks in forward order, head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from rexpand.errors import SpecError
from rexpand.spec.blocks import (
    STRICT,
    Activation,
    Block,
    check_at_least,
    check_choice,
    check_kernel,
)


@dataclass(frozen=True, kw_only=True)
class Stem:
    """The first convolution, with batch norm."""

    out_channels: int
    kernel_size: int = 3
    stride: int = 2
    activation: Activation = "relu6"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_at_least("out_channels of the stem", self.out_channels, 1)
        check_at_least("stride of the stem", self.stride, 1)
        check_kernel(self.kernel_size)
        check_choice("activation of the stem", self.activation, Activation)


@dataclass(frozen=True, kw_only=True)
class Head:
    """What follows the blocks: 1x1 to `channels`, pool, 1x1 to `hidden`, dropout.

    `channels` is the penultimate layer's width, 0 for none. `hidden` is a second 1x1
    (with bias and batch norm) behind the pooling, 0 for none, as in ReXNet-lite.
    """

    channels: int = 1280
    hidden: int = 0
    activation: Activation = "relu6"
    dropout: float = 0.2
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_at_least("channels of the head", self.channels, 0)
        check_at_least("hidden of the head", self.hidden, 0)
        check_choice("activation of the head", self.activation, Activation)
        if not 0 <= self.dropout < 1:
            raise SpecError(f"dropout {self.dropout} is outside [0, 1)")


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """A network as data; with `num_classes` 0 it has no classifier.

    `resolution` is the side of the square input image in pixels. A family whose
    channels never decrease says so in `non_decreasing`, and `with_channels` keeps it.
    """

    name: str
    family: str
    stem: Stem
    blocks: tuple[Block, ...]
    head: Head
    resolution: int = 224
    in_channels: int = 3
    num_classes: int = 1000
    non_decreasing: bool = True
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_at_least("number of blocks", len(self.blocks), 1)
        check_at_least("resolution", self.resolution, 1)
        check_at_least("in_channels", self.in_channels, 1)
        check_at_least("num_classes", self.num_classes, 0)
        self._check_order(self.channels)

    @property
    def channels(self) -> tuple[int, ...]:
        """Output channels of the blocks, in forward order."""
        return tuple(block.out_channels for block in self.blocks)

    @property
    def depth(self) -> int:
        """Number of blocks."""
        return len(self.blocks)

    def with_channels(self, channels: Sequence[int]) -> "NetworkSpec":
        """The same network with another channel configuration.

        Raises SpecError if the number of channels is not the number of blocks, or if
        they decrease where the family forbids it.
        """
        if len(channels) != self.depth:
            raise SpecError(
                f"{len(channels)} channels for {self.depth} blocks of {self.name}; "
                "give one integer a block"
            )
        pairs = zip(self.blocks, channels, strict=True)
        blocks = tuple(
            replace(block, out_channels=int(width)) for block, width in pairs
        )
        return replace(self, blocks=blocks)

    def with_classes(self, num_classes: int) -> "NetworkSpec":
        """The same network with a classifier of `num_classes` outputs."""
        return replace(self, num_classes=num_classes)

    def for_images(self, *, resolution: int, in_channels: int) -> "NetworkSpec":
        """The same network for images of another size and number of channels."""
        return replace(self, resolution=resolution, in_channels=in_channels)

    def _check_order(self, channels: Sequence[int]) -> None:
        if not self.non_decreasing:
            return
        for index, (before, after) in enumerate(pairwise(channels), start=1):
            if after < before:
                raise SpecError(
                    f"channels of {self.name} decrease from {before} to {after} at "
                    f"block {index}; the family {self.family} forbids it "
                    "(give non-decreasing channels, or set non_decreasing = false)"
                )
