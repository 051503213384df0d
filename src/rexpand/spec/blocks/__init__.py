"""The kinds of block, as data: one frozen dataclass per kind, one kind per file.

Their common interface is `BlockSpec`; a new kind is a file and a line in `KINDS`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rexpand.spec.blocks.basic_residual import BasicResidual
from rexpand.spec.blocks.cell import Cell, CellEdge, InputLayer, Operation
from rexpand.spec.blocks.choices import (
    Activation,
    Gate,
    SqueezePosition,
    SqueezeReference,
)
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.convolution import Convolution
from rexpand.spec.blocks.dense import Dense
from rexpand.spec.blocks.depthwise_separable import DepthwiseSeparable
from rexpand.spec.blocks.fire import Fire
from rexpand.spec.blocks.geometry import check_kernel, pooled, strided, unpadded
from rexpand.spec.blocks.inverted_bottleneck import InvertedBottleneck
from rexpand.spec.blocks.inverted_residual import InvertedResidual
from rexpand.spec.blocks.mixed_bottleneck import MixedBottleneck
from rexpand.spec.blocks.residual import Residual
from rexpand.spec.blocks.residual_bottleneck import ResidualBottleneck
from rexpand.spec.blocks.separable_stack import SeparableStack
from rexpand.spec.blocks.shortcut import ResidualShortcut, Shortcut
from rexpand.spec.blocks.shuffle_v1 import ShuffleV1
from rexpand.spec.blocks.shuffle_v2 import ShuffleV2
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite

# By their name in a spec file.
KINDS: Mapping[str, type[BlockSpec]] = MappingProxyType(
    {
        "basic_residual": BasicResidual,
        "cell": Cell,
        "convolution": Convolution,
        "dense": Dense,
        "depthwise_separable": DepthwiseSeparable,
        "fire": Fire,
        "inverted_bottleneck": InvertedBottleneck,
        "mixed_bottleneck": MixedBottleneck,
        "residual_bottleneck": ResidualBottleneck,
        "separable_stack": SeparableStack,
        "shuffle_v1": ShuffleV1,
        "shuffle_v2": ShuffleV2,
    }
)

__all__ = [
    "KINDS",
    "Activation",
    "BasicResidual",
    "BlockSpec",
    "Cell",
    "CellEdge",
    "Convolution",
    "Dense",
    "DepthwiseSeparable",
    "Fire",
    "Gate",
    "InputLayer",
    "InvertedBottleneck",
    "InvertedResidual",
    "MixedBottleneck",
    "Operation",
    "Residual",
    "ResidualBottleneck",
    "ResidualShortcut",
    "SeparableStack",
    "Shortcut",
    "ShuffleV1",
    "ShuffleV2",
    "SqueezeExcite",
    "SqueezePosition",
    "SqueezeReference",
    "check_kernel",
    "pooled",
    "strided",
    "unpadded",
]
