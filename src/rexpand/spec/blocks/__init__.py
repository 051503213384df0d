"""The kinds of block, as data: one frozen dataclass a kind, one kind a file.

A block knows its output channels and its rules; its input channels are the output
channels of the block before it, so a channel configuration is one integer a block.
Every kind has `out_channels`, `stride` and `squeeze_excite`; all that can be dilated
have `dilation`; nonlinearities end in `_activation`, roundings in `_multiple`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    Gate,
    Shortcut,
    SqueezePosition,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.depthwise_separable import DepthwiseSeparable
from rexpand.spec.blocks.geometry import check_kernel, pooled, strided, unpadded
from rexpand.spec.blocks.inverted_bottleneck import InvertedBottleneck
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite

Block = InvertedBottleneck | DepthwiseSeparable

# By the name that a spec file gives them.
KINDS: Mapping[str, type[Block]] = MappingProxyType(
    {
        "depthwise_separable": DepthwiseSeparable,
        "inverted_bottleneck": InvertedBottleneck,
    }
)

__all__ = [
    "KINDS",
    "STRICT",
    "Activation",
    "Block",
    "DepthwiseSeparable",
    "Gate",
    "InvertedBottleneck",
    "Shortcut",
    "SqueezeExcite",
    "SqueezePosition",
    "check_at_least",
    "check_choice",
    "check_kernel",
    "pooled",
    "strided",
    "unpadded",
]
