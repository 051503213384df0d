"""What a block costs: one function a kind, one kind a file.

Counts are numbers or numpy columns of many configurations, so a width is never
converted or compared here.
"""

from rexpand.cost.blocks.depthwise_separable import depthwise_separable_cost
from rexpand.cost.blocks.inverted_bottleneck import inverted_bottleneck_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count
from rexpand.spec import Block, DepthwiseSeparable, InvertedBottleneck


def block_cost(
    block: Block, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    """Cost of a block on a square map of `in_size` pixels."""
    match block:
        case InvertedBottleneck():
            return inverted_bottleneck_cost(block, in_channels, out_channels, in_size)
        case DepthwiseSeparable():
            return depthwise_separable_cost(block, in_channels, out_channels, in_size)


__all__ = ["block_cost", "squeeze_cost"]
