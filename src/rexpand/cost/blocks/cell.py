"""Cost of a cell with two inputs."""

from typing import NamedTuple

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import (
    Cost,
    Count,
    convolution,
    norm,
    pointwise,
)
from rexpand.size import Size
from rexpand.spec import Cell, CellEdge
from rexpand.spec.blocks import strided


class LookBack(NamedTuple):
    """The input of the block before a block, and that block's stride and dilation."""

    channels: Count
    size: Size
    stride: int = 1
    dilation: int = 1


def cell_cost(
    block: Cell,
    in_channels: Count,
    out_channels: Count,
    in_size: Size,
    before: LookBack,
) -> Cost:
    width, cost = block.width(out_channels), Cost()
    if block.sees(0) and block.before_layer != "input":
        cost += _before_cost(block, width, in_size, before) + norm(width)
    if block.sees(1):
        cost += pointwise(in_channels, width, in_size, norm=True)
    for edge in block.edges:
        source = in_channels if block.is_raw(edge.source) else width
        cost += _edge_cost(block, edge, source, width, in_size)
    if block.squeeze_excite:
        cost += squeeze_cost(block.squeeze_excite, out_channels)
    return cost


def _before_cost(block: Cell, width: Count, in_size: Size, before: LookBack) -> Cost:
    if block.before_layer == "factorized":
        return _factorized_cost(
            before.channels, width, before.size, before.stride, before.dilation
        )
    return convolution(
        before.channels, width, kernel_size=1, in_size=before.size, out_size=in_size
    )


def _factorized_cost(
    in_channels: Count, out_channels: Count, in_size: Size, stride: int, shift: int
) -> Cost:
    """Two parallel 1x1 convolutions with a stride, the second `shift` pixels later.

    The second reads the map without its first rows and columns, with rows and columns
    of zeros at the end where outputs would be missing.
    """
    size = in_size.each(lambda side: strided(side, stride))
    shifted = shifted_size(in_size, stride, shift)
    weights, outputs = in_channels * out_channels, out_channels * size.pixels
    return Cost(
        weights,
        weights * size.pixels,
        outputs,
        weights + outputs + in_channels * (in_size.pixels + shifted.pixels),
    )


def shifted_size(in_size: Size, stride: int, shift: int) -> Size:
    """The size of the map that the second of a factorized pair reads, zeros included."""
    return in_size.each(
        lambda side: max(side - shift, (strided(side, stride) - 1) * stride + 1)
    )


def _edge_cost(
    block: Cell, edge: CellEdge, source: Count, width: Count, in_size: Size
) -> Cost:
    """Cost of an edge from a node with `source` channels to one with `width`."""
    stride, size = block.edge_stride(edge), block.output(in_size)
    before = in_size if stride > 1 else size
    match edge.operation:
        case "separable":
            first = _separable_cost(edge, source, width, before, size)
            return first + _separable_cost(edge, width, width, size, size)
        case "dilated":
            return _separable_cost(edge, source, width, before, size)
        case "factorized":
            cost = _factorized_cost(source, width, before, stride, block.dilation)
            return cost + norm(width)
        case "pointwise":
            return convolution(
                source, width, kernel_size=1, in_size=before, out_size=size, norm=True
            )
        case "row_column":
            return _row_column_cost(block, edge, source, width, before, size)
        case "max_pool" | "avg_pool" if block.is_raw(edge.source):
            return pointwise(source, width, size, norm=True)
        case _:
            return Cost()


def _separable_cost(
    edge: CellEdge, source: Count, width: Count, in_size: Size, size: Size
) -> Cost:
    """A depthwise convolution, a 1x1 and a batch norm, in one sum."""
    weights = source * edge.kernel_size**2 + source * width
    between, outputs = source * size.pixels, width * size.pixels
    return Cost(
        weights + 2 * width,
        weights * size.pixels,
        between + outputs,
        weights + source * in_size.pixels + 2 * between + outputs,
    )


def across_size(in_size: Size, size: Size) -> Size:
    """The size of a map after a stride across and before the one down."""
    return Size(height=in_size.height, width=size.width)


def _row_column_cost(
    block: Cell, edge: CellEdge, source: Count, width: Count, in_size: Size, size: Size
) -> Cost:
    """1x1 to the quarter, 1xk with the stride across, kx1 with it down, 1x1 back."""
    inner = block.quarter(width)
    weights = inner * inner * edge.kernel_size
    before, between, after = (
        inner * each.pixels for each in (in_size, across_size(in_size, size), size)
    )
    pixels = across_size(in_size, size).pixels
    across = Cost(weights, weights * pixels, between, weights + before + between)
    down = Cost(weights, weights * size.pixels, after, weights + between + after)
    return (
        pointwise(source, inner, in_size, norm=True)
        + across
        + norm(inner)
        + down
        + norm(inner)
        + pointwise(inner, width, size, norm=True)
    )
