"""Cost of the inverted bottleneck."""

from rexpand.cost.blocks.residual import padded_sum
from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import InvertedBottleneck


def inverted_bottleneck_cost(
    block: InvertedBottleneck, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
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


def inverted_bottleneck_maps(
    block: InvertedBottleneck, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    pixels, width = block.output(in_size).pixels, block.out_channels
    expanded, maps = int(block.expanded(in_channels)), source
    if block.expands:
        maps = tape.write(expanded * in_size.pixels, maps)
    maps = tape.write(expanded * pixels, maps)
    squeezed = int(block.squeezed(in_channels)) if block.squeeze_excite else None
    maps = squeeze_maps(block.squeeze_excite, expanded, tape, maps, squeezed)
    maps = tape.write(width * pixels, maps)
    if not block.joins(in_channels):
        return maps
    missing = width - in_channels
    return padded_sum(tape, maps, source, width * pixels, missing=missing)
