"""What a block costs, one function a kind."""

from rexpand.cost.layers import Cost, Count, convolution, depthwise, linear, norm
from rexpand.spec import Block, DepthwiseSeparable, InvertedBottleneck, SqueezeExcite


def block_cost(
    block: Block, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    """Cost of a block on a square map of `in_size` pixels."""
    match block:
        case InvertedBottleneck():
            return _inverted_bottleneck(block, in_channels, out_channels, in_size)
        case DepthwiseSeparable():
            return _depthwise_separable(block, in_channels, out_channels, in_size)


def strided(size: int, stride: int) -> int:
    """Side of the map behind a stride, with padding of half the odd kernel."""
    return -(-size // stride)


def _inverted_bottleneck(
    block: InvertedBottleneck, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = strided(in_size, block.stride)
    expanded = block.expanded(in_channels)
    cost = _depthwise_normed(block, expanded, in_size, size)
    if block.expand_ratio != 1:
        cost += _pointwise_normed(in_channels, expanded, in_size)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, expanded)
    return cost + _pointwise_normed(expanded, out_channels, size)


def _depthwise_separable(
    block: DepthwiseSeparable, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = strided(in_size, block.stride)
    cost = _depthwise_normed(block, in_channels, in_size, size)
    return cost + _pointwise_normed(in_channels, out_channels, size)


def squeeze_cost(squeeze: SqueezeExcite, channels: Count) -> Cost:
    """Cost of a squeeze-excite on a number of channels."""
    squeezed = squeeze.squeezed(channels)
    cost = linear(channels, squeezed) + linear(squeezed, channels)
    return cost + norm(squeezed) if squeeze.norm else cost


def _depthwise_normed(
    block: Block, channels: Count, in_size: int, out_size: int
) -> Cost:
    return depthwise(
        channels, kernel_size=block.kernel_size, in_size=in_size, out_size=out_size
    ) + norm(channels)


def _pointwise_normed(in_channels: Count, out_channels: Count, size: int) -> Cost:
    return convolution(
        in_channels, out_channels, kernel_size=1, in_size=size, out_size=size
    ) + norm(out_channels)
