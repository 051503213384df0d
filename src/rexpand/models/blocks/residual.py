"""Residual blocks, and the fire modules and plain convolutions of their time."""

from torch import nn

from rexpand import blocks, spec
from rexpand.models.blocks.squeeze import squeeze_excite_module


def basic_residual_module(block: spec.BasicResidual, in_channels: int) -> nn.Module:
    return blocks.BasicResidual(
        in_channels,
        block.out_channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        inner_activation=block.inner_activation,
        output_activation=block.output_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, block.out_channels),
        shortcut=block.shortcut,
    )


def residual_bottleneck_module(
    block: spec.ResidualBottleneck, in_channels: int
) -> nn.Module:
    return blocks.ResidualBottleneck(
        in_channels,
        block.out_channels,
        inner_channels=int(block.inner(block.out_channels)),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        groups=block.groups,
        inner_activation=block.inner_activation,
        output_activation=block.output_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, block.out_channels),
        shortcut=block.shortcut,
    )


def separable_stack_module(block: spec.SeparableStack, in_channels: int) -> nn.Module:
    return blocks.SeparableStack(
        block.widths(in_channels, block.out_channels),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        input_activation=block.input_activation,
        between_activation=block.between_activation,
        output_activation=block.output_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, block.out_channels),
        shortcut=block.shortcut,
    )


def convolution_module(block: spec.Convolution, in_channels: int) -> nn.Module:
    return blocks.Convolution(
        in_channels,
        block.out_channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        padded=block.padded,
        activation=block.output_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, block.out_channels),
    )


def fire_module(block: spec.Fire, in_channels: int) -> nn.Module:
    return blocks.Fire(
        in_channels,
        block.out_channels,
        squeezed_channels=int(block.squeezed(block.out_channels)),
        wide_channels=int(block.wide(block.out_channels)),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        squeeze_activation=block.squeeze_activation,
        expand_activation=block.expand_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, block.out_channels),
    )
