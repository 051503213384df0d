"""The kinds of block, as data: one frozen dataclass a kind, one kind a file.

A block knows its output channels and its rules; its input channels are the output
channels of the block before it, so a channel configuration is one integer a block.
Every kind has `out_channels`, `stride` and `squeeze_excite`; all that can be dilated
have `dilation`; nonlinearities end in `_activation`, roundings in `_multiple`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rexpand.spec.blocks.basic_residual import BasicResidual
from rexpand.spec.blocks.cell import Cell, CellEdge, Operation
from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    Gate,
    Shortcut,
    SqueezePosition,
    SqueezeReference,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.convolution import Convolution
from rexpand.spec.blocks.dense import Dense
from rexpand.spec.blocks.depthwise_separable import DepthwiseSeparable
from rexpand.spec.blocks.fire import Fire
from rexpand.spec.blocks.geometry import check_kernel, pooled, strided, unpadded
from rexpand.spec.blocks.inverted_bottleneck import InvertedBottleneck
from rexpand.spec.blocks.mixed_bottleneck import MixedBottleneck
from rexpand.spec.blocks.residual import ResidualShortcut
from rexpand.spec.blocks.residual_bottleneck import ResidualBottleneck
from rexpand.spec.blocks.separable_stack import SeparableStack
from rexpand.spec.blocks.shuffle_v1 import ShuffleV1
from rexpand.spec.blocks.shuffle_v2 import ShuffleV2
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite

Block = (
    InvertedBottleneck
    | DepthwiseSeparable
    | MixedBottleneck
    | Cell
    | BasicResidual
    | Convolution
    | Fire
    | ResidualBottleneck
    | SeparableStack
    | ShuffleV1
    | ShuffleV2
    | Dense
)

# By the name that a spec file gives them.
KINDS: Mapping[str, type[Block]] = MappingProxyType(
    {
        "basic_residual": BasicResidual,
        "convolution": Convolution,
        "cell": Cell,
        "dense": Dense,
        "depthwise_separable": DepthwiseSeparable,
        "mixed_bottleneck": MixedBottleneck,
        "fire": Fire,
        "inverted_bottleneck": InvertedBottleneck,
        "residual_bottleneck": ResidualBottleneck,
        "separable_stack": SeparableStack,
        "shuffle_v1": ShuffleV1,
        "shuffle_v2": ShuffleV2,
    }
)

__all__ = [
    "KINDS",
    "STRICT",
    "Activation",
    "BasicResidual",
    "Block",
    "Cell",
    "CellEdge",
    "Convolution",
    "Dense",
    "DepthwiseSeparable",
    "Fire",
    "Gate",
    "InvertedBottleneck",
    "MixedBottleneck",
    "Operation",
    "ResidualBottleneck",
    "ResidualShortcut",
    "SeparableStack",
    "Shortcut",
    "ShuffleV1",
    "ShuffleV2",
    "SqueezeExcite",
    "SqueezePosition",
    "SqueezeReference",
    "check_at_least",
    "check_choice",
    "check_kernel",
    "pooled",
    "strided",
    "unpadded",
]
