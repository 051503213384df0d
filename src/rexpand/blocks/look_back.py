"""What a kind that looks back is told of the block before it."""

from typing import NamedTuple


class LookBack(NamedTuple):
    """Input channels of the block before a block, and that block's stride and dilation."""

    channels: int
    stride: int = 1
    dilation: int = 1
