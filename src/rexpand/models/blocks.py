"""A block's spec as a module: one function a kind."""

from torch import nn

from rexpand import blocks, spec


def build_block(block: spec.Block, in_channels: int) -> nn.Module:
    """The module of a block behind `in_channels` channels."""
    match block:
        case spec.InvertedBottleneck():
            return _inverted_bottleneck(block, in_channels)
        case spec.DepthwiseSeparable():
            return _depthwise_separable(block, in_channels)


def _inverted_bottleneck(block: spec.InvertedBottleneck, in_channels: int) -> nn.Module:
    expanded = int(block.expanded(in_channels))
    squeeze = block.squeeze_excite
    return blocks.InvertedBottleneck(
        in_channels,
        block.out_channels,
        expanded_channels=None if block.expand_ratio == 1 else expanded,
        kernel_size=block.kernel_size,
        stride=block.stride,
        dilation=block.dilation,
        expand_activation=block.expand_activation,
        depthwise_activation=block.depthwise_activation,
        project_activation=block.project_activation,
        squeeze_excite=_squeeze_excite(squeeze, expanded),
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


def _squeeze_excite(
    squeeze: spec.SqueezeExcite | None, channels: int
) -> blocks.SqueezeExcite | None:
    if squeeze is None:
        return None
    return blocks.SqueezeExcite(
        channels,
        int(squeeze.squeezed(channels)),
        activation=squeeze.activation,
        gate=squeeze.gate,
        norm=squeeze.norm,
    )
