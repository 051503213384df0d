"""Cost of the inverted bottleneck with kernels of several sizes."""

from rexpand.cost.blocks.residual import padded_sum
from rexpand.cost.blocks.squeeze_excite import squeeze_cost, squeeze_maps
from rexpand.cost.layers import Cost, Count
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import MixedBottleneck


def mixed_bottleneck_cost(
    block: MixedBottleneck, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    size = block.output(in_size)
    expanded = block.expanded(in_channels)
    kernels = zip(block.kernel_sizes, block.kernel_parts(expanded), strict=True)
    weights = sum(kernel_size**2 * channels for kernel_size, channels in kernels)
    cost = _side_by_side(weights, expanded, expanded, in_size, size)
    if block.expands:
        weights = _dot(block.expand_parts(in_channels), block.expand_parts(expanded))
        cost += _side_by_side(weights, in_channels, expanded, in_size, in_size)
    if block.squeeze_excite:
        squeezed = block.squeezed(in_channels)
        cost += squeeze_cost(block.squeeze_excite, expanded, squeezed)
    weights = _dot(block.project_parts(expanded), block.project_parts(out_channels))
    return cost + _side_by_side(weights, expanded, out_channels, size, size)


def _side_by_side(
    weights: Count, in_channels: Count, out_channels: Count, in_size: Size, size: Size
) -> Cost:
    """Parallel convolutions with these weights in total, and their batch norm."""
    outputs = out_channels * size.pixels
    return Cost(
        weights + 2 * out_channels,
        weights * size.pixels,
        outputs,
        weights + outputs + in_channels * in_size.pixels,
    )


def _dot(in_parts: tuple[Count, ...], out_parts: tuple[Count, ...]) -> Count:
    """Weights of a 1x1 convolution in groups that may differ in size."""
    parts = zip(in_parts, out_parts, strict=True)
    return sum(inputs * outputs for inputs, outputs in parts)


def mixed_bottleneck_maps(
    block: MixedBottleneck, in_channels: int, in_size: Size, tape: Tape, source: int
) -> int:
    pixels, width = block.output(in_size).pixels, block.out_channels
    expanded, maps = int(block.expanded(in_channels)), source
    if block.expands:
        parts = block.expand_parts(expanded)
        maps = _joined(parts, in_size.pixels, tape, maps)
    maps = _joined(block.kernel_parts(expanded), pixels, tape, maps)
    squeezed = int(block.squeezed(in_channels)) if block.squeeze_excite else None
    maps = squeeze_maps(block.squeeze_excite, expanded, tape, maps, squeezed)
    maps = _joined(block.project_parts(width), pixels, tape, maps)
    if not block.joins(in_channels):
        return maps
    missing = width - in_channels
    return padded_sum(tape, maps, source, width * pixels, missing=missing)


def _joined(parts: tuple[Count, ...], pixels: int, tape: Tape, source: int) -> int:
    """Convolutions side by side; several are concatenated."""
    written = [tape.write(int(part) * pixels, source) for part in parts]
    if len(written) == 1:
        return written[0]
    return tape.write(sum(int(part) for part in parts) * pixels, *written)
