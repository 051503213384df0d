"""Cost of the residual bottleneck."""

from rexpand.cost.blocks.residual import residual_maps, shortcut_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, convolution, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import ResidualBottleneck


def residual_bottleneck_cost(
    block: ResidualBottleneck, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
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


def residual_bottleneck_maps(
    block: ResidualBottleneck, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width, pixels = block.out_channels, block.output(in_size).pixels
    inner = int(block.inner(width))
    reduced = tape.write(inner * in_size.pixels, source)
    branch = tape.write(width * pixels, tape.write(inner * pixels, reduced))
    branch = squeeze_maps(block.squeeze_excite, width, tape, branch)
    return residual_maps(block, (in_channels, width), in_size, tape, (source, branch))
