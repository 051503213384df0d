"""Cost of the inverted bottleneck."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.spec import InvertedBottleneck


def inverted_bottleneck_cost(
    block: InvertedBottleneck, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    expanded = block.expanded(in_channels)
    cost = depthwise(
        expanded,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=size,
        norm=True,
    )
    groups = block.groups
    if block.expands:
        cost += pointwise(in_channels, expanded, in_size, groups=groups, norm=True)
    if block.squeeze_excite:
        squeezed = block.squeezed(in_channels)
        cost += squeeze_cost(block.squeeze_excite, expanded, squeezed)
    return cost + pointwise(expanded, out_channels, size, groups=groups, norm=True)
