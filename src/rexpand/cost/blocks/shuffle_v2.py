"""Cost of the unit of ShuffleNetV2."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import ShuffleV2


def shuffle_v2_cost(
    block: ShuffleV2, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
    inner = block.half(out_channels)
    passed = block.passed(in_channels, out_channels)
    made = out_channels - passed
    cost = pointwise(block.taken(in_channels), inner, in_size, norm=True)
    cost += _depthwise(block, inner, in_size)
    cost += pointwise(inner, made, size, norm=True)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, made)
    if not block.split:
        cost += _depthwise(block, in_channels, in_size)
        cost += pointwise(in_channels, passed, size, norm=True)
    return cost


def _depthwise(block: ShuffleV2, channels: Count, in_size: Size) -> Cost:
    return depthwise(
        channels,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=block.output(in_size),
        norm=True,
    )


def shuffle_v2_maps(
    block: ShuffleV2, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width, pixels = block.out_channels, block.output(in_size).pixels
    inner, passed = int(block.half(width)), int(block.passed(in_channels, width))
    maps = tape.write(inner * in_size.pixels, source)
    maps = tape.write((width - passed) * pixels, tape.write(inner * pixels, maps))
    maps = squeeze_maps(block.squeeze_excite, width - passed, tape, maps)
    beside = source
    if not block.split:
        beside = tape.write(in_channels * pixels, source)
        beside = tape.write(passed * pixels, beside)
    return tape.write(width * pixels, beside, maps)
