"""Cost of the basic residual block."""

from rexpand.cost.blocks.residual import shortcut_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, convolution
from rexpand.spec import BasicResidual


def basic_residual_cost(
    block: BasicResidual, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
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
