"""Cost of the unit of ShuffleNetV1."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import ShuffleV1


def shuffle_v1_cost(
    block: ShuffleV1, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
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


def shuffle_v1_maps(
    block: ShuffleV1, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width, pixels = block.out_channels, block.output(in_size).pixels
    inner, made = int(block.inner(width)), int(block.made(in_channels, width))
    maps = tape.write(inner * in_size.pixels, source)
    maps = tape.write(made * pixels, tape.write(inner * pixels, maps))
    maps = squeeze_maps(block.squeeze_excite, made, tape, maps)
    if block.joins(in_channels):
        maps = tape.add(maps, source)
    if block.shortcut != "concatenate":
        return maps
    if block.stride > 1:
        source = tape.write(in_channels * pixels, source)
    return tape.write(width * pixels, source, maps)
