"""What a kind that looks back must know of the block before it."""

from typing import NamedTuple


class LookBack(NamedTuple):
    """Of the block before a block: its input channels, stride and dilation."""

    channels: int
    stride: int = 1
    dilation: int = 1
