"""Cost of the layer of CondenseNet at test time: the groups are chosen."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, convolution, norm, pointwise
from rexpand.spec import Dense


def dense_cost(
    block: Dense, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    growth, chosen = out_channels - in_channels, block.chosen(in_channels)
    inner = block.inner(growth)
    cost = norm(chosen) + pointwise(chosen, inner, size, groups=block.groups)
    cost += norm(inner) + convolution(
        inner,
        growth,
        kernel_size=block.kernel_size,
        in_size=size,
        out_size=size,
        groups=block.groups,
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, growth)
    return cost
