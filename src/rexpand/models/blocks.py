"""A block's spec as a module: one function a kind."""

from typing import NamedTuple

from torch import nn

from rexpand import blocks, spec


class LookBack(NamedTuple):
    """Input channels of the block in front of a block, and its stride and dilation."""

    channels: int
    stride: int = 1
    dilation: int = 1


def build_block(
    block: spec.Block, in_channels: int, before: LookBack | None = None
) -> nn.Module:
    """The module of a block behind `in_channels` channels.

    A kind that looks back also takes in what the block in front of it does, `before`;
    without one, its own input twice.
    """
    match block:
        case spec.Cell():
            return _cell(block, in_channels, before or LookBack(in_channels))
        case spec.MixedBottleneck():
            return _mixed_bottleneck(block, in_channels)
        case spec.InvertedBottleneck():
            return _inverted_bottleneck(block, in_channels)
        case spec.BasicResidual():
            return _basic_residual(block, in_channels)
        case spec.Convolution():
            return _convolution(block, in_channels)
        case spec.Fire():
            return _fire(block, in_channels)
        case spec.ResidualBottleneck():
            return _residual_bottleneck(block, in_channels)
        case spec.SeparableStack():
            return _separable_stack(block, in_channels)
        case spec.ShuffleV1():
            return _shuffle_v1(block, in_channels)
        case spec.ShuffleV2():
            return _shuffle_v2(block, in_channels)
        case spec.Dense():
            return _dense(block, in_channels)
        case spec.DepthwiseSeparable():
            return _depthwise_separable(block, in_channels)


def _inverted_bottleneck(block: spec.InvertedBottleneck, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(
            squeeze, expanded, block.squeezed(in_channels) if squeeze else None
        ),
        squeeze_position=squeeze.position if squeeze else "after_activation",
        shortcut=block.shortcut,
    )


def _depthwise_separable(block: spec.DepthwiseSeparable, in_channels: int) -> nn.Module:
    return blocks.DepthwiseSeparable(
        in_channels,
        block.out_channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        depthwise_activation=block.depthwise_activation,
        pointwise_activation=block.pointwise_activation,
        squeeze_excite=_squeeze_excite(block.squeeze_excite, in_channels),
        shortcut=block.shortcut,
    )


def _basic_residual(block: spec.BasicResidual, in_channels: int) -> nn.Module:
    return blocks.BasicResidual(
        in_channels,
        block.out_channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        inner_activation=block.inner_activation,
        output_activation=block.output_activation,
        squeeze_excite=_squeeze_excite(block.squeeze_excite, block.out_channels),
        shortcut=block.shortcut,
    )


def _convolution(block: spec.Convolution, in_channels: int) -> nn.Module:
    return blocks.Convolution(
        in_channels,
        block.out_channels,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        padded=block.padded,
        activation=block.output_activation,
        squeeze_excite=_squeeze_excite(block.squeeze_excite, block.out_channels),
    )


def _fire(block: spec.Fire, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(block.squeeze_excite, block.out_channels),
    )


def _residual_bottleneck(block: spec.ResidualBottleneck, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(block.squeeze_excite, block.out_channels),
        shortcut=block.shortcut,
    )


def _mixed_bottleneck(block: spec.MixedBottleneck, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(
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


def _cell(block: spec.Cell, in_channels: int, before: LookBack) -> nn.Module:
    width = int(block.width(block.out_channels))
    edges = [
        [_edge(block, edge, width) for edge in block.edges if edge.node == node]
        for node in range(2, 2 + block.nodes)
    ]
    return blocks.Cell(
        in_channels,
        width,
        before_layer=_before_layer(block, before, width),
        edges=edges,
        activation=block.edge_activation,
        squeeze_excite=_squeeze_excite(block.squeeze_excite, block.out_channels),
    )


def _before_layer(block: spec.Cell, before: LookBack, width: int) -> nn.Module:
    if not block.sees(0):
        return nn.Identity()
    if block.before_layer == "factorized":
        return blocks.Factorized(
            before.channels, width, stride=before.stride, shift=before.dilation
        )
    return blocks.ConvNorm(before.channels, width, stride=before.stride)


def _edge(block: spec.Cell, edge: spec.CellEdge, width: int) -> tuple[int, nn.Module]:
    layer = blocks.cell_operation(
        edge.operation,
        width,
        kernel_size=edge.kernel_size,
        stride=block.edge_stride(edge),
        dilation=block.dilation,
        activation=block.edge_activation,
    )
    return edge.source, layer


def _separable_stack(block: spec.SeparableStack, in_channels: int) -> nn.Module:
    return blocks.SeparableStack(
        block.widths(in_channels, block.out_channels),
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        input_activation=block.input_activation,
        between_activation=block.between_activation,
        output_activation=block.output_activation,
        squeeze_excite=_squeeze_excite(block.squeeze_excite, block.out_channels),
        shortcut=block.shortcut,
    )


def _shuffle_v1(block: spec.ShuffleV1, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(block.squeeze_excite, made),
        shortcut=block.shortcut,
    )


def _shuffle_v2(block: spec.ShuffleV2, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(
            block.squeeze_excite, block.out_channels - passed
        ),
    )


def _dense(block: spec.Dense, in_channels: int) -> nn.Module:
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
        squeeze_excite=_squeeze_excite(block.squeeze_excite, growth),
    )


def _squeeze_excite(
    squeeze: spec.SqueezeExcite | None, channels: int, squeezed: float | None = None
) -> blocks.SqueezeExcite | None:
    """A squeeze-excite on `channels`, with an inner width that is not theirs."""
    if squeeze is None:
        return None
    return blocks.SqueezeExcite(
        channels,
        int(squeeze.squeezed(channels) if squeezed is None else squeezed),
        activation=squeeze.activation,
        gate=squeeze.gate,
        norm=squeeze.norm,
    )
