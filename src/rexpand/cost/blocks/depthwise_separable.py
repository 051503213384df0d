"""Cost of the depthwise-separable convolution."""

from rexpand.cost.blocks.residual import padded_sum
from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import DepthwiseSeparable


def depthwise_separable_cost(
    block: DepthwiseSeparable, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
    cost = depthwise(
        in_channels,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=size,
        norm=True,
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, in_channels)
    return cost + pointwise(in_channels, out_channels, size, norm=True)


def depthwise_separable_maps(
    block: DepthwiseSeparable, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    pixels, width = block.output(in_size).pixels, block.out_channels
    inner = tape.write(in_channels * pixels, source)
    inner = squeeze_maps(block.squeeze_excite, in_channels, tape, inner)
    maps = tape.write(width * pixels, inner)
    if not block.joins(in_channels):
        return maps
    missing = width - in_channels
    return padded_sum(tape, maps, source, width * pixels, missing=missing)
