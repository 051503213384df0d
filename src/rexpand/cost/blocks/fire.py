"""Cost of SqueezeNet's fire module."""

from functools import partial

from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, convolution
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import Fire


def fire_cost(
    block: Fire, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
    layer = partial(convolution, in_size=size, out_size=size, bias=True)
    squeezed, wide = block.squeezed(out_channels), block.wide(out_channels)
    cost = (
        layer(in_channels, squeezed, kernel_size=1)
        + layer(squeezed, out_channels - wide, kernel_size=1)
        + layer(squeezed, wide, kernel_size=block.kernel_size)
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost


def fire_maps(
    block: Fire, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width, pixels = block.out_channels, block.output(in_size).pixels
    wide = int(block.wide(width))
    if block.stride > 1:
        source = tape.write(in_channels * pixels, source)
    squeezed = tape.write(int(block.squeezed(width)) * pixels, source)
    narrow = tape.write((width - wide) * pixels, squeezed)
    joined = tape.write(width * pixels, narrow, tape.write(wide * pixels, squeezed))
    return squeeze_maps(block.squeeze_excite, width, tape, joined)
