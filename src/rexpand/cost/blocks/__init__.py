"""What a block costs: one function per kind, one kind per file.

Counts are numbers or numpy columns of many configurations, so a width is never
converted or compared here.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from rexpand.cost.blocks.basic_residual import basic_residual_cost, basic_residual_maps
from rexpand.cost.blocks.cell import LookBack, cell_cost
from rexpand.cost.blocks.cell_maps import cell_maps
from rexpand.cost.blocks.convolution import convolution_cost, convolution_maps
from rexpand.cost.blocks.dense import dense_cost, dense_maps
from rexpand.cost.blocks.depthwise_separable import (
    depthwise_separable_cost,
    depthwise_separable_maps,
)
from rexpand.cost.blocks.fire import fire_cost, fire_maps
from rexpand.cost.blocks.inverted_bottleneck import (
    inverted_bottleneck_cost,
    inverted_bottleneck_maps,
)
from rexpand.cost.blocks.mixed_bottleneck import (
    mixed_bottleneck_cost,
    mixed_bottleneck_maps,
)
from rexpand.cost.blocks.residual_bottleneck import (
    residual_bottleneck_cost,
    residual_bottleneck_maps,
)
from rexpand.cost.blocks.separable_stack import (
    separable_stack_cost,
    separable_stack_maps,
)
from rexpand.cost.blocks.shuffle_v1 import shuffle_v1_cost, shuffle_v1_maps
from rexpand.cost.blocks.shuffle_v2 import shuffle_v2_cost, shuffle_v2_maps
from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
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

_Cost = Callable[[Any, Count, Count, Size], Cost]
_CostLookingBack = Callable[[Any, Count, Count, Size, LookBack], Cost]
_Maps = Callable[[Any, int, Size, Tape, int], int]
_MapsLookingBack = Callable[[Any, int, Size, Tape, int, LookBack, int], int]

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
MAPS: Mapping[type[BlockSpec], _Maps] = MappingProxyType(
    {
        BasicResidual: basic_residual_maps,
        Convolution: convolution_maps,
        Dense: dense_maps,
        DepthwiseSeparable: depthwise_separable_maps,
        Fire: fire_maps,
        InvertedBottleneck: inverted_bottleneck_maps,
        MixedBottleneck: mixed_bottleneck_maps,
        ResidualBottleneck: residual_bottleneck_maps,
        SeparableStack: separable_stack_maps,
        ShuffleV1: shuffle_v1_maps,
        ShuffleV2: shuffle_v2_maps,
    }
)
MAPS_LOOKING_BACK: Mapping[type[BlockSpec], _MapsLookingBack] = MappingProxyType(
    {Cell: cell_maps}
)


def block_cost(
    block: BlockSpec,
    in_channels: Count,
    out_channels: Count,
    in_size: Size,
    before: LookBack,
) -> Cost:
    """Cost of a block on a map of `in_size`.

    `before` is the input of the block before it, for kinds that look back.
    """
    if block.looks_back:
        looking_back = COSTS_LOOKING_BACK[type(block)]
        return looking_back(block, in_channels, out_channels, in_size, before)
    return COSTS[type(block)](block, in_channels, out_channels, in_size)


def block_maps(
    block: BlockSpec,
    in_channels: int,
    in_size: Size,
    tape: Tape,
    source: int,
    before: LookBack,
    before_step: int,
) -> int:
    """Write the steps of a block on the tape; gives the step of its output.

    `source` is the step of its input, `before_step` that of the input of the block
    before it, for kinds that look back.
    """
    if block.looks_back:
        looking_back = MAPS_LOOKING_BACK[type(block)]
        return looking_back(
            block, in_channels, in_size, tape, source, before, before_step
        )
    return MAPS[type(block)](block, in_channels, in_size, tape, source)


__all__ = [
    "COSTS",
    "COSTS_LOOKING_BACK",
    "MAPS",
    "MAPS_LOOKING_BACK",
    "LookBack",
    "block_cost",
    "block_maps",
    "squeeze_cost",
]
