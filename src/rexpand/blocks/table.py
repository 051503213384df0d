"""The module of each kind of block."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from torch import nn

from rexpand import spec
from rexpand.blocks.basic_residual import BasicResidual
from rexpand.blocks.cell import Cell
from rexpand.blocks.convolution import Convolution
from rexpand.blocks.dense import Dense
from rexpand.blocks.depthwise_separable import DepthwiseSeparable
from rexpand.blocks.fire import Fire
from rexpand.blocks.inverted_bottleneck import InvertedBottleneck
from rexpand.blocks.look_back import LookBack
from rexpand.blocks.mixed_bottleneck import MixedBottleneck
from rexpand.blocks.residual_bottleneck import ResidualBottleneck
from rexpand.blocks.separable_stack import SeparableStack
from rexpand.blocks.shuffle_v1 import ShuffleV1
from rexpand.blocks.shuffle_v2 import ShuffleV2

_Module = Callable[[Any, int], nn.Module]
_ModuleLookingBack = Callable[[Any, int, LookBack], nn.Module]

MODULES: Mapping[type[spec.BlockSpec], _Module] = MappingProxyType(
    {
        spec.BasicResidual: BasicResidual,
        spec.Convolution: Convolution,
        spec.Dense: Dense,
        spec.DepthwiseSeparable: DepthwiseSeparable,
        spec.Fire: Fire,
        spec.InvertedBottleneck: InvertedBottleneck,
        spec.MixedBottleneck: MixedBottleneck,
        spec.ResidualBottleneck: ResidualBottleneck,
        spec.SeparableStack: SeparableStack,
        spec.ShuffleV1: ShuffleV1,
        spec.ShuffleV2: ShuffleV2,
    }
)
MODULES_LOOKING_BACK: Mapping[type[spec.BlockSpec], _ModuleLookingBack] = (
    MappingProxyType({spec.Cell: Cell})
)


def build_block(
    block: spec.BlockSpec, in_channels: int, before: LookBack | None = None
) -> nn.Module:
    """The module of a block with `in_channels` input channels.

    A kind that looks back also needs the block `before` it; without one, it receives
    its own input twice.
    """
    if block.looks_back:
        looking_back = MODULES_LOOKING_BACK[type(block)]
        return looking_back(block, in_channels, before or LookBack(in_channels))
    return MODULES[type(block)](block, in_channels)
