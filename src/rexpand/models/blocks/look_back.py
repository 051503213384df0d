"""What a kind that looks back is told."""

from typing import NamedTuple


class LookBack(NamedTuple):
    """Input channels of the block in front of a block, and its stride and dilation."""

    channels: int
    stride: int = 1
    dilation: int = 1
