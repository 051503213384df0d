"""Cost of the inverted bottleneck."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, depthwise, norm, pointwise
from rexpand.spec import InvertedBottleneck


def inverted_bottleneck_cost(
    block: InvertedBottleneck, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    expanded = block.expanded(in_channels)
    cost = norm(expanded) + depthwise(
        expanded, kernel_size=block.kernel_size, in_size=in_size, out_size=size
    )
    if block.expand_ratio != 1:
        cost += pointwise(in_channels, expanded, in_size) + norm(expanded)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, expanded)
    return cost + pointwise(expanded, out_channels, size) + norm(out_channels)
