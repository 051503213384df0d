"""Depthwise convolutions and inverted bottlenecks, found by the edges between layers.

An inverted bottleneck is a depthwise convolution that is fed by one dense 1x1 alone,
which widens to its width, and that feeds a filter of that width, which narrows. Gates
(squeeze-excite) scale the features on the way and are none of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rexpand.cost.flow import Flow
from rexpand.cost.operators import Layer


@dataclass(frozen=True, kw_only=True, slots=True)
class Depthwise:
    """Depthwise convolutions of one map, and the activation that follows, if any.

    Several are mixed kernels: each has a part of the channels. `places` are theirs among
    the layers.
    """

    places: tuple[int, ...]
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


def depthwise_groups(flow: Flow) -> Iterator[Depthwise]:
    """Every depthwise convolution of a map in forward order, mixed kernels as one."""
    seen: set[int] = set()
    for place, layer in enumerate(flow.layers):
        if not (layer.is_depthwise and flow.is_filter(place)) or place in seen:
            continue
        places = _mixed(flow, place)
        seen.update(places)
        group = tuple(flow.layers[each] for each in places)
        elements = sum(layer.elements_out for layer in group)
        after = _activations(flow, flow.onward(places).passed, elements)
        follows = (flow.layers[p] for p in after if _follows(flow, p, places))
        yield Depthwise(places=places, layers=group, activation=next(follows, None))


def bottlenecks(flow: Flow, groups: Iterable[Depthwise]) -> Iterator[Bottleneck]:
    """The inverted bottlenecks among depthwise convolutions, in forward order."""
    for depthwise in groups:
        feeders = {flow.feeder(place) for place in depthwise.places}
        place = feeders.pop()
        project = _project(flow, depthwise)
        if place is None or feeders or project is None:
            continue
        expand = flow.layers[place]
        widens = expand.out_channels == depthwise.channels > expand.in_channels
        if not (widens and expand.groups == 1 and _is_1x1(expand)):
            continue
        between = flow.back(depthwise.places[0]).passed
        active = _activations(flow, between, expand.elements_out)
        yield Bottleneck(
            expand=expand,
            expand_activation=next((flow.layers[each] for each in active), None),
            depthwise=depthwise,
            project=project,
        )


def _mixed(flow: Flow, place: int) -> tuple[int, ...]:
    """Those that one concatenation joins with this one, of the same feeder's channels."""
    readers = flow.readers[place]
    joined = flow.sources(readers[0]) if len(readers) == 1 else ()
    fed = flow.sources(place)
    found = tuple(
        each
        for each in joined
        if flow.layers[each].is_depthwise and flow.sources(each) == fed
    )
    is_mixed = joined and flow.layers[readers[0]].kind == "copy"
    return found if is_mixed else (place,)


def _follows(flow: Flow, place: int, group: tuple[int, ...]) -> bool:
    """Whether a layer is fed by depthwise convolutions alone.

    Or by them and by what feeds them, which a shortcut adds.
    """
    others = {
        each for each in flow.back(place).filters if not flow.layers[each].is_depthwise
    }
    return others <= set(flow.back(group[0]).filters)


def _project(flow: Flow, depthwise: Depthwise) -> Layer | None:
    """The one filter that narrows what it reads of the depthwise convolution."""
    found = [
        flow.layers[place]
        for place in flow.onward(depthwise.places).filters
        if flow.is_filter(place)
        and _narrows(flow.layers[place], depthwise.channels)
        and _follows(flow, place, depthwise.places)
    ]
    return found[0] if len(found) == 1 else None


def _narrows(layer: Layer, channels: int) -> bool:
    return layer.in_channels == channels > layer.out_channels


def _is_1x1(layer: Layer) -> bool:
    return layer.is_pointwise or layer.kind == "linear"


def _activations(flow: Flow, places: Iterable[int], elements: int) -> Iterator[int]:
    """The activations of a whole map among layers; those of gates have fewer elements."""
    for place in places:
        layer = flow.layers[place]
        if layer.kind == "activation" and layer.elements_out == elements:
            yield place
