"""Cost of the depthwise-separable convolution."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.spec import DepthwiseSeparable


def depthwise_separable_cost(
    block: DepthwiseSeparable, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    cost = depthwise(
        in_channels,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=size,
        norm=True,
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, in_channels)
    return cost + pointwise(in_channels, out_channels, size, norm=True)
