"""Inverted bottlenecks, their kin of mixed kernels, and depthwise-separable blocks."""

from torch import nn

from rexpand import blocks, spec
from rexpand.models.blocks.squeeze import squeeze_excite_module


def inverted_bottleneck_module(
    block: spec.InvertedBottleneck, in_channels: int
) -> nn.Module:
    expanded = int(block.expanded(in_channels))
    squeeze = block.squeeze_excite
    return blocks.InvertedBottleneck(
        in_channels,
        block.out_channels,
        expanded_channels=expanded if block.expands else None,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        groups=block.groups,
        expand_activation=block.expand_activation,
        depthwise_activation=block.depthwise_activation,
        project_activation=block.project_activation,
        squeeze_excite=squeeze_excite_module(
            squeeze, expanded, block.squeezed(in_channels) if squeeze else None
        ),
        squeeze_position=squeeze.position if squeeze else "after_activation",
        shortcut=block.shortcut,
    )


def mixed_bottleneck_module(block: spec.MixedBottleneck, in_channels: int) -> nn.Module:
    expanded = block.expanded(in_channels)
    squeeze = block.squeeze_excite
    expand_parts = block.expand_parts(in_channels), block.expand_parts(expanded)
    project_parts = (
        block.project_parts(expanded),
        block.project_parts(block.out_channels),
    )
    return blocks.MixedBottleneck(
        expand_parts=None if block.expand_ratio == 1 else _whole(expand_parts),
        kernel_parts=[int(part) for part in block.kernel_parts(expanded)],
        project_parts=_whole(project_parts),
        kernel_sizes=block.kernel_sizes,
        stride=block.stride,
        dilation=block.dilation,
        expand_activation=block.expand_activation,
        depthwise_activation=block.depthwise_activation,
        project_activation=block.project_activation,
        squeeze_excite=squeeze_excite_module(
            squeeze, int(expanded), block.squeezed(in_channels) if squeeze else None
        ),
        squeeze_position=squeeze.position if squeeze else "after_activation",
        shortcut=block.shortcut,
    )


def _whole(
    parts: tuple[tuple[float, ...], tuple[float, ...]],
) -> tuple[list[int], list[int]]:
    inputs, outputs = parts
    return [int(part) for part in inputs], [int(part) for part in outputs]


def depthwise_separable_module(
    block: spec.DepthwiseSeparable, in_channels: int
) -> nn.Module:
    return blocks.DepthwiseSeparable(
        in_channels,
        block.out_channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        depthwise_activation=block.depthwise_activation,
        pointwise_activation=block.pointwise_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, in_channels),
        shortcut=block.shortcut,
    )
