"""Depthwise convolutions and inverted bottlenecks, found in the order of operators.

Filters are convolutions and linear layers on maps; gates (squeeze-excite) work on one
position an image and are passed over. An inverted bottleneck is a dense 1x1 that widens,
a depthwise convolution of its width, and a filter that narrows.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rexpand.cost.operators import Layer

Place = tuple[int, Layer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Depthwise:
    """Depthwise convolutions side by side, and the activation behind them, if any."""

    layers: tuple[Layer, ...]
    activation: Layer | None

    @property
    def channels(self) -> int:
        """Channels of all together."""
        return sum(layer.out_channels for layer in self.layers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bottleneck:
    """Expand 1x1, depthwise, project."""

    expand: Layer
    expand_activation: Layer | None
    depthwise: Depthwise
    project: Layer

    @property
    def dim_ratio(self) -> float:
        """Input over output channels of the block; above 1 where it narrows."""
        return self.expand.in_channels / self.project.out_channels

    @property
    def name(self) -> str:
        """The path that its filters share."""
        first, last = self.expand.name.split("."), self.project.name.split(".")
        same = [a for a, b in zip(first, last, strict=False) if a == b]
        return ".".join(same) or self.expand.name


def depthwise_groups(layers: Sequence[Layer]) -> Iterator[Depthwise]:
    """Every depthwise convolution, mixed kernels as one."""
    filters = _filters(layers)
    for start, end in _runs(layers, filters):
        stop = filters[end][0] if end < len(filters) else len(layers)
        first, last = filters[start][0], filters[end - 1][0]
        group = tuple(layer for _, layer in filters[start:end])
        elements = sum(math.prod(layer.output) for layer in group)
        assert first <= last
        yield Depthwise(
            layers=group, activation=_activation(layers[last + 1 : stop], elements)
        )


def bottlenecks(layers: Sequence[Layer]) -> Iterator[Bottleneck]:
    """Every inverted bottleneck with a depthwise convolution, in forward order."""
    filters = _filters(layers)
    groups = depthwise_groups(layers)
    for (start, end), depthwise in zip(_runs(layers, filters), groups, strict=True):
        if start == 0 or end == len(filters):
            continue
        (place, expand), (_, project) = filters[start - 1], filters[end]
        widens = expand.out_channels == depthwise.channels > expand.in_channels
        narrows = project.in_channels == depthwise.channels > project.out_channels
        if not (widens and narrows and expand.groups == 1 and _is_1x1(expand)):
            continue
        between = layers[place + 1 : filters[start][0]]
        yield Bottleneck(
            expand=expand,
            expand_activation=_activation(between, expand.elements_out),
            depthwise=depthwise,
            project=project,
        )


def is_filter(layer: Layer) -> bool:
    """Whether it is a convolution or a linear layer on a map."""
    return (
        layer.kind in ("convolution", "linear")
        and len(layer.output) == 4
        and math.prod(layer.out_size) > 1
    )


def _filters(layers: Sequence[Layer]) -> list[Place]:
    return [(place, layer) for place, layer in enumerate(layers) if is_filter(layer)]


def _runs(
    layers: Sequence[Layer], filters: Sequence[Place]
) -> Iterator[tuple[int, int]]:
    """First and end, among the filters, of depthwise ones side by side."""
    start = 0
    while start < len(filters):
        if not filters[start][1].is_depthwise:
            start += 1
            continue
        end = start + 1
        while end < len(filters) and _beside(layers, filters[end - 1], filters[end]):
            end += 1
        yield start, end
        start = end


def _beside(layers: Sequence[Layer], one: Place, other: Place) -> bool:
    """Mixed kernels: nothing is computed between them, and one module holds both."""
    (before, first), (after, second) = one, other
    return (
        second.is_depthwise
        and first.in_size == second.in_size
        and first.name.rpartition(".")[0] == second.name.rpartition(".")[0]
        and all(layer.kind == "copy" for layer in layers[before + 1 : after])
    )


def _is_1x1(layer: Layer) -> bool:
    return layer.is_pointwise or layer.kind == "linear"


def _activation(between: Sequence[Layer], elements: int) -> Layer | None:
    """The first activation of a whole map; those of gates are on fewer elements."""
    return next(
        (
            layer
            for layer in between
            if layer.kind == "activation" and layer.elements_out == elements
        ),
        None,
    )
