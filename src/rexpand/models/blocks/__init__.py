"""A block's spec as a module: one function a kind."""

from torch import nn

from rexpand import spec
from rexpand.models.blocks.cell import cell_module
from rexpand.models.blocks.grouped import (
    dense_module,
    shuffle_v1_module,
    shuffle_v2_module,
)
from rexpand.models.blocks.inverted import (
    depthwise_separable_module,
    inverted_bottleneck_module,
    mixed_bottleneck_module,
)
from rexpand.models.blocks.look_back import LookBack
from rexpand.models.blocks.residual import (
    basic_residual_module,
    convolution_module,
    fire_module,
    residual_bottleneck_module,
    separable_stack_module,
)


def build_block(
    block: spec.Block, in_channels: int, before: LookBack | None = None
) -> nn.Module:
    """The module of a block behind `in_channels` channels.

    A kind that looks back also takes in what the block in front of it does, `before`;
    without one, its own input twice.
    """
    match block:
        case spec.Cell():
            return cell_module(block, in_channels, before or LookBack(in_channels))
        case spec.MixedBottleneck():
            return mixed_bottleneck_module(block, in_channels)
        case spec.InvertedBottleneck():
            return inverted_bottleneck_module(block, in_channels)
        case spec.BasicResidual():
            return basic_residual_module(block, in_channels)
        case spec.Convolution():
            return convolution_module(block, in_channels)
        case spec.Fire():
            return fire_module(block, in_channels)
        case spec.ResidualBottleneck():
            return residual_bottleneck_module(block, in_channels)
        case spec.SeparableStack():
            return separable_stack_module(block, in_channels)
        case spec.ShuffleV1():
            return shuffle_v1_module(block, in_channels)
        case spec.ShuffleV2():
            return shuffle_v2_module(block, in_channels)
        case spec.Dense():
            return dense_module(block, in_channels)
        case spec.DepthwiseSeparable():
            return depthwise_separable_module(block, in_channels)


__all__ = ["LookBack", "build_block"]
