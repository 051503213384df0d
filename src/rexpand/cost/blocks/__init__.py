"""What a block costs: one function per kind, one kind per file.

Counts are numbers or numpy columns of many configurations, so a width is never
converted or compared here.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

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
    BlockSpec,
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

_Cost = Callable[[Any, Count, Count, int], Cost]
_CostLookingBack = Callable[[Any, Count, Count, int, LookBack], Cost]

COSTS: Mapping[type[BlockSpec], _Cost] = MappingProxyType(
    {
        BasicResidual: basic_residual_cost,
        Convolution: convolution_cost,
        Dense: dense_cost,
        DepthwiseSeparable: depthwise_separable_cost,
        Fire: fire_cost,
        InvertedBottleneck: inverted_bottleneck_cost,
        MixedBottleneck: mixed_bottleneck_cost,
        ResidualBottleneck: residual_bottleneck_cost,
        SeparableStack: separable_stack_cost,
        ShuffleV1: shuffle_v1_cost,
        ShuffleV2: shuffle_v2_cost,
    }
)
COSTS_LOOKING_BACK: Mapping[type[BlockSpec], _CostLookingBack] = MappingProxyType(
    {Cell: cell_cost}
)


def block_cost(
    block: BlockSpec,
    in_channels: Count,
    out_channels: Count,
    in_size: int,
    before: LookBack,
) -> Cost:
    """Cost of a block on a square map of `in_size` pixels.

    `before` is the input of the block before it, for kinds that look back.
    """
    if block.looks_back:
        looking_back = COSTS_LOOKING_BACK[type(block)]
        return looking_back(block, in_channels, out_channels, in_size, before)
    return COSTS[type(block)](block, in_channels, out_channels, in_size)


__all__ = ["COSTS", "COSTS_LOOKING_BACK", "LookBack", "block_cost", "squeeze_cost"]
