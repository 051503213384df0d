"""Torch modules, one kind a file; plain integers in."""

from rexpand.blocks.activation import activation
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.depthwise_separable import DepthwiseSeparable
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.head import Head, PooledLastHead
from rexpand.blocks.inverted_bottleneck import InvertedBottleneck
from rexpand.blocks.pool import global_pool
from rexpand.blocks.shortcut import add_shortcut, joins
from rexpand.blocks.squeeze_excite import SqueezeExcite

__all__ = [
    "ConvNorm",
    "DepthwiseSeparable",
    "DropPath",
    "Head",
    "InvertedBottleneck",
    "PooledLastHead",
    "SqueezeExcite",
    "activation",
    "add_shortcut",
    "global_pool",
    "joins",
]
