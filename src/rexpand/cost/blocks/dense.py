"""Cost of the layer of CondenseNet at test time: the groups are chosen."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, convolution, norm, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import Dense


def dense_cost(
    block: Dense, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
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


def dense_maps(
    block: Dense, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    size = block.output(in_size)
    growth, pixels = block.out_channels - in_channels, size.pixels
    if block.stride > 1:
        source = tape.write(in_channels * pixels, source)
    chosen = tape.write(int(block.chosen(in_channels)) * pixels, source)
    inner = int(block.inner(growth)) * pixels
    shuffled = tape.write(inner, tape.write(inner, chosen))
    grown = tape.write(growth * pixels, shuffled)
    grown = squeeze_maps(block.squeeze_excite, growth, tape, grown)
    return tape.write(block.out_channels * pixels, source, grown)
