"""Cost of the residual bottleneck."""

from rexpand.cost.blocks.residual import shortcut_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, convolution, pointwise
from rexpand.spec import ResidualBottleneck


def residual_bottleneck_cost(
    block: ResidualBottleneck, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    inner = block.inner(out_channels)
    cost = pointwise(in_channels, inner, in_size, norm=True)
    cost += convolution(
        inner,
        inner,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=size,
        groups=block.groups,
        norm=True,
    )
    cost += pointwise(inner, out_channels, size, norm=True)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost + shortcut_cost(block, in_channels, out_channels, in_size)
