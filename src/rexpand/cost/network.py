"""The cost of a network: one configuration, or a hundred thousand at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rexpand.cost.blocks import LookBack, block_cost
from rexpand.cost.layers import Cost, Count, convolution, linear, norm, pointwise
from rexpand.size import Resolution, Size
from rexpand.spec import NetworkSpec, SpecLike, as_spec

_ROWS = 8192  # configurations per chunk: their columns stay in the cache
_ONE = Size(height=1, width=1)  # of what is pooled


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a network, its cost, its output width and output size."""

    name: str
    out_channels: int
    size: Size
    cost: Cost


def cost_of(spec: SpecLike, resolution: Resolution | None = None) -> Cost:
    """Total cost of a network for one image, exact integers."""
    spec = as_spec(spec)
    parts = _parts(spec, _size(spec, resolution), spec.channels)
    return _as_integers(sum((cost for _, _, _, cost in parts), Cost()))


def part_costs(
    spec: SpecLike, resolution: Resolution | None = None
) -> tuple[Part, ...]:
    """Cost of the stem, of every block and of the head, in forward order."""
    spec = as_spec(spec)
    return tuple(
        Part(name=name, out_channels=int(width), size=size, cost=_as_integers(cost))
        for name, width, size, cost in _parts(
            spec, _size(spec, resolution), spec.channels
        )
    )


def section_costs(
    spec: SpecLike, channels: ArrayLike, resolution: Resolution | None = None
) -> Mapping[str, Cost]:
    """Cost of the stem, of every block and of the whole head, for many configurations.

    `channels` is as in `costs_of`; a count is a column, or a number where it is the same
    for all.
    """
    spec = as_spec(spec)
    columns = np.ascontiguousarray(_rows(spec, channels).T)
    found: dict[str, Cost] = {}
    for name, *_, cost in _parts(spec, _size(spec, resolution), columns):
        section = name if name == "stem" or name.startswith("blocks.") else "head"
        found[section] = found.get(section, Cost()) + cost
    return found


def costs_of(
    spec: SpecLike, channels: ArrayLike, resolution: Resolution | None = None
) -> Cost:
    """Total cost of many configurations of one family.

    `channels` is (configurations, blocks); each count is a float64 column of whole
    numbers, exact below 2**53. With a relaxed spec the widths need not be whole.
    """
    spec = as_spec(spec)
    rows = _rows(spec, channels)
    chunks = [
        _total(spec, rows[start : start + _ROWS], _size(spec, resolution))
        for start in range(0, len(rows), _ROWS)
    ]
    return Cost(*(np.concatenate(column) for column in zip(*chunks, strict=True)))


def _rows(spec: NetworkSpec, channels: ArrayLike) -> NDArray[np.float64]:
    rows = np.asarray(channels, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != spec.depth:
        raise ValueError(
            f"channels have shape {rows.shape}; {spec.name} needs (any, {spec.depth})"
        )
    return rows


def _total(
    spec: NetworkSpec, rows: NDArray[np.float64], image: Size
) -> tuple[NDArray[np.float64], ...]:
    columns = np.ascontiguousarray(rows.T)
    total = sum((cost for *_, cost in _parts(spec, image, columns)), Cost())
    counts = (total.params, total.macs, total.activations, total.memory_access)
    return tuple(np.broadcast_to(count, len(rows)) for count in counts)


def _parts(
    spec: NetworkSpec, image: Size, channels: Count
) -> Iterator[tuple[str, Count, Size, Cost]]:
    """Name, output width, output size and cost of each part."""
    yield "stem", spec.stem.out_channels, *_stem(spec, image)
    width: Count = spec.stem.out_channels
    size = spec.stem.output(image)
    before = LookBack(width, size)  # before the first block: the stem, twice
    for index, (block, out_channels) in enumerate(
        zip(spec.blocks, channels, strict=True)
    ):
        cost = block_cost(block, width, out_channels, size, before)
        before = LookBack(width, size, block.stride, block.dilation)
        width, size = out_channels, block.output(size)
        yield f"blocks.{index}", width, size, cost
    yield from _head_parts(spec, width, size)


def _stem(spec: NetworkSpec, image: Size) -> tuple[Size, Cost]:
    """Output size of the stem, after its pooling, and its cost."""
    stem = spec.stem
    cost = convolution(
        spec.in_channels,
        stem.out_channels,
        kernel_size=stem.kernel_size,
        in_size=image,
        out_size=image.each(stem.conv_size),
        bias=stem.has_bias,
    )
    if stem.norm:
        cost += norm(stem.out_channels)
    return stem.output(image), cost


def _head_parts(
    spec: NetworkSpec, width: Count, size: Size
) -> Iterator[tuple[str, Count, Size, Cost]]:
    head = spec.head
    if head.first_norm:
        yield "norm", width, size, norm(width)
    if head.channels:
        cost = pointwise(width, head.channels, size, norm=True)
        width = head.channels
        yield "head", width, size, cost
    if head.hidden:
        cost = linear(width, head.hidden)
        width = head.hidden
        yield "hidden", width, _ONE, cost + norm(width) if head.hidden_norm else cost
    if spec.num_classes:
        yield "classifier", spec.num_classes, _ONE, _classifier(spec, width, size)


def _classifier(spec: NetworkSpec, width: Count, size: Size) -> Cost:
    if spec.head.classifier == "linear":
        seen = width
        if spec.head.condense_factor > 1:
            seen = width / spec.head.condense_factor
        return linear(seen, spec.num_classes, bias=spec.head.bias)
    return convolution(
        width, spec.num_classes, kernel_size=1, in_size=size, out_size=size, bias=True
    )


def _as_integers(cost: Cost) -> Cost:
    return Cost(
        int(cost.params),
        int(cost.macs),
        int(cost.activations),
        int(cost.memory_access),
    )


def _size(spec: NetworkSpec, resolution: Resolution | None) -> Size:
    """The size of the image: the spec's, unless another is given."""
    size = spec.size if resolution is None else Size.of(resolution)
    if min(size.height, size.width) < 1:
        raise ValueError(
            f"resolution {resolution} is not positive; give pixels, such as 224"
        )
    if size != spec.size:
        spec.map_sizes(size)
    return size
