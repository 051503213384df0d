"""Cost of the basic residual block."""

from rexpand.cost.blocks.residual import residual_maps, shortcut_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, convolution
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import BasicResidual


def basic_residual_cost(
    block: BasicResidual, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
    cost = convolution(
        in_channels,
        out_channels,
        kernel_size=block.kernel_size,
        in_size=in_size,
        out_size=size,
        norm=True,
    )
    cost += convolution(
        out_channels,
        out_channels,
        kernel_size=block.kernel_size,
        in_size=size,
        out_size=size,
        norm=True,
    )
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost + shortcut_cost(block, in_channels, out_channels, in_size)


def basic_residual_maps(
    block: BasicResidual, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width, size = block.out_channels, block.output(in_size)
    first = tape.write(width * size.pixels, source)
    second = tape.write(width * size.pixels, first)
    branch = squeeze_maps(block.squeeze_excite, width, tape, second)
    return residual_maps(block, (in_channels, width), in_size, tape, (source, branch))
