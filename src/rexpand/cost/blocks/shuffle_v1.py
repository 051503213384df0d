"""Cost of the unit of ShuffleNetV1."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.spec import ShuffleV1


def shuffle_v1_cost(
    block: ShuffleV1, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    inner, made = block.inner(out_channels), block.made(in_channels, out_channels)
    groups = block.reduce_groups
    cost = pointwise(in_channels, inner, in_size, groups=groups, norm=True)
    cost += depthwise(
        inner,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=size,
        norm=True,
    )
    cost += pointwise(inner, made, size, groups=block.groups, norm=True)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, made)
    return cost
