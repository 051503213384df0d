"""Cost of SqueezeNet's fire module."""

from functools import partial

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, convolution
from rexpand.spec import Fire


def fire_cost(
    block: Fire, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    layer = partial(convolution, in_size=size, out_size=size, bias=True)
    squeezed, wide = block.squeezed(out_channels), block.wide(out_channels)
    cost = (
        layer(in_channels, squeezed, kernel_size=1)
        + layer(squeezed, out_channels - wide, kernel_size=1)
        + layer(squeezed, wide, kernel_size=block.kernel_size)
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost
