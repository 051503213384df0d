"""Blocks of grouped convolutions."""

from torch import nn

from rexpand import blocks, spec
from rexpand.models.blocks.squeeze import squeeze_excite_module


def shuffle_v1_module(block: spec.ShuffleV1, in_channels: int) -> nn.Module:
    made = int(block.made(in_channels, block.out_channels))
    return blocks.ShuffleV1(
        in_channels,
        made,
        inner_channels=int(block.inner(block.out_channels)),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        groups=block.groups,
        reduce_groups=block.reduce_groups,
        inner_activation=block.inner_activation,
        output_activation=block.output_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, made),
        shortcut=block.shortcut,
    )


def shuffle_v2_module(block: spec.ShuffleV2, in_channels: int) -> nn.Module:
    passed = int(block.passed(in_channels, block.out_channels))
    return blocks.ShuffleV2(
        in_channels,
        block.out_channels,
        passed_channels=passed,
        taken_channels=int(block.taken(in_channels)),
        inner_channels=int(block.half(block.out_channels)),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        split=block.split,
        inner_activation=block.inner_activation,
        output_activation=block.output_activation,
        squeeze_excite=squeeze_excite_module(
            block.squeeze_excite, block.out_channels - passed
        ),
    )


def dense_module(block: spec.Dense, in_channels: int) -> nn.Module:
    growth = block.out_channels - in_channels
    return blocks.Dense(
        in_channels,
        growth,
        inner_channels=int(block.inner(growth)),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        groups=block.groups,
        condense_factor=block.condense_factor,
        input_activation=block.input_activation,
        inner_activation=block.inner_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, growth),
    )
