"""Torch modules, one kind of block per file, each made from its spec."""

from rexpand.blocks.activation import activation
from rexpand.blocks.basic_residual import BasicResidual
from rexpand.blocks.cell import Cell
from rexpand.blocks.cell_operations import Factorized, cell_operation
from rexpand.blocks.chain import BlockChain, TwoInputBlock, output_of, outputs_of
from rexpand.blocks.condensed import CondensedConv, CondensedLinear
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.convolution import Convolution
from rexpand.blocks.dense import Dense
from rexpand.blocks.depthwise_separable import DepthwiseSeparable
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.fire import Fire
from rexpand.blocks.frozen_norm import FrozenNorm, freeze_norms
from rexpand.blocks.head import Head, PooledLastHead
from rexpand.blocks.inverted_bottleneck import InvertedBottleneck
from rexpand.blocks.learned_groups import LearnedGroupConv, LearnedLinear
from rexpand.blocks.look_back import LookBack
from rexpand.blocks.mixed_bottleneck import MixedBottleneck
from rexpand.blocks.pool import global_pool
from rexpand.blocks.residual_bottleneck import ResidualBottleneck
from rexpand.blocks.separable_stack import SeparableStack
from rexpand.blocks.shortcut import add_shortcut
from rexpand.blocks.shuffle_v1 import ShuffleV1
from rexpand.blocks.shuffle_v2 import ShuffleV2
from rexpand.blocks.squeeze_excite import SqueezeExcite
from rexpand.blocks.synchronised_norm import SynchronisedNorm, synchronised
from rexpand.blocks.table import MODULES, MODULES_LOOKING_BACK, build_block

__all__ = [
    "MODULES",
    "MODULES_LOOKING_BACK",
    "BasicResidual",
    "BlockChain",
    "Cell",
    "CondensedConv",
    "CondensedLinear",
    "ConvNorm",
    "Convolution",
    "Dense",
    "DepthwiseSeparable",
    "DropPath",
    "Factorized",
    "Fire",
    "FrozenNorm",
    "Head",
    "InvertedBottleneck",
    "LearnedGroupConv",
    "LearnedLinear",
    "LookBack",
    "MixedBottleneck",
    "PooledLastHead",
    "ResidualBottleneck",
    "SeparableStack",
    "ShuffleV1",
    "ShuffleV2",
    "SqueezeExcite",
    "SynchronisedNorm",
    "TwoInputBlock",
    "activation",
    "add_shortcut",
    "build_block",
    "cell_operation",
    "freeze_norms",
    "global_pool",
    "output_of",
    "outputs_of",
    "synchronised",
]
