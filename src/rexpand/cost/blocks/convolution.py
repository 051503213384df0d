"""Cost of a plain convolution."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, convolution
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import Convolution


def convolution_cost(
    block: Convolution, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    cost = convolution(
        in_channels,
        out_channels,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=block.output(in_size),
        norm=True,
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost


def convolution_maps(
    block: Convolution, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width = block.out_channels
    maps = tape.write(width * block.output(in_size).pixels, source)
    return squeeze_maps(block.squeeze_excite, width, tape, maps)
