"""What a block costs: one function a kind, one kind a file.

Counts are numbers or numpy columns of many configurations, so a width is never
converted or compared here.
"""

from rexpand.cost.blocks.basic_residual import basic_residual_cost
from rexpand.cost.blocks.cell import LookBack, cell_cost
from rexpand.cost.blocks.convolution import convolution_cost
from rexpand.cost.blocks.dense import dense_cost
from rexpand.cost.blocks.depthwise_separable import depthwise_separable_cost
from rexpand.cost.blocks.fire import fire_cost
from rexpand.cost.blocks.inverted_bottleneck import inverted_bottleneck_cost
from rexpand.cost.blocks.mixed_bottleneck import mixed_bottleneck_cost
from rexpand.cost.blocks.residual_bottleneck import residual_bottleneck_cost
from rexpand.cost.blocks.separable_stack import separable_stack_cost
from rexpand.cost.blocks.shuffle_v1 import shuffle_v1_cost
from rexpand.cost.blocks.shuffle_v2 import shuffle_v2_cost
from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count
from rexpand.spec import (
    BasicResidual,
    Block,
    Cell,
    Convolution,
    Dense,
    DepthwiseSeparable,
    Fire,
    InvertedBottleneck,
    MixedBottleneck,
    ResidualBottleneck,
    SeparableStack,
    ShuffleV1,
    ShuffleV2,
)


def block_cost(
    block: Block,
    in_channels: Count,
    out_channels: Count,
    in_size: int,
    before: LookBack,
) -> Cost:
    """Cost of a block on a square map of `in_size` pixels.

    `before` is what the block in front of it took in, for the kinds that look back.
    """
    match block:
        case MixedBottleneck():
            return mixed_bottleneck_cost(block, in_channels, out_channels, in_size)
        case Cell():
            return cell_cost(block, in_channels, out_channels, in_size, before)
        case InvertedBottleneck():
            return inverted_bottleneck_cost(block, in_channels, out_channels, in_size)
        case BasicResidual():
            return basic_residual_cost(block, in_channels, out_channels, in_size)
        case Convolution():
            return convolution_cost(block, in_channels, out_channels, in_size)
        case Fire():
            return fire_cost(block, in_channels, out_channels, in_size)
        case ResidualBottleneck():
            return residual_bottleneck_cost(block, in_channels, out_channels, in_size)
        case SeparableStack():
            return separable_stack_cost(block, in_channels, out_channels, in_size)
        case ShuffleV1():
            return shuffle_v1_cost(block, in_channels, out_channels, in_size)
        case ShuffleV2():
            return shuffle_v2_cost(block, in_channels, out_channels, in_size)
        case Dense():
            return dense_cost(block, in_channels, out_channels, in_size)
        case DepthwiseSeparable():
            return depthwise_separable_cost(block, in_channels, out_channels, in_size)


__all__ = ["LookBack", "block_cost", "squeeze_cost"]
