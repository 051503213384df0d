"""Cost of Xception's stack of separable convolutions."""

from itertools import pairwise

from rexpand.cost.blocks.residual import residual_maps, shortcut_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count, depthwise, pointwise
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import SeparableStack


def separable_stack_cost(
    block: SeparableStack, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    """Every convolution works at the size of the input: the pooling is last."""
    cost = shortcut_cost(block, in_channels, out_channels, in_size)
    for before, after in pairwise(block.widths(in_channels, out_channels)):
        cost += depthwise(
            before, kernel_size=block.kernel_size, in_size=in_size, out_size=in_size
        )
        cost += pointwise(before, after, in_size, norm=True)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost


def separable_stack_maps(
    block: SeparableStack, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    width, pixels = block.out_channels, in_size.pixels
    maps = tape.activate(block.input_activation, source)
    for before, after in pairwise(block.widths(in_channels, width)):
        maps = tape.write(after * pixels, tape.write(before * pixels, maps))
    if block.stride > 1:
        maps = tape.write(width * block.output(in_size).pixels, maps)
    branch = squeeze_maps(block.squeeze_excite, width, tape, maps)
    return residual_maps(block, (in_channels, width), in_size, tape, (source, branch))
