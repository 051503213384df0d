"""Cost of Xception's stack of separable convolutions."""

from itertools import pairwise

from rexpand.cost.blocks.residual import shortcut_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.spec import SeparableStack


def separable_stack_cost(
    block: SeparableStack, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    """Every convolution works at the size of the input: the pooling is last."""
    cost = shortcut_cost(block, in_channels, out_channels, in_size)
    for before, after in pairwise(block.widths(in_channels, out_channels)):
        cost += depthwise(
            before, kernel_size=block.kernel_size, in_size=in_size, out_size=in_size
        )
        cost += pointwise(before, after, in_size, norm=True)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost
