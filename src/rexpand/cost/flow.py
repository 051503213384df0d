"""Which layers read which: the questions that rules put to a graph's edges.

A filter multiplies and accumulates: a convolution, a linear layer, a product. What has no
macs carries its features on: norms, activations, joins, pools, copies. Where a map is
scaled or shifted by less than a map (a gate: one number per channel, or per position), the
features are those of the map.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rexpand.cost.block_list import pooled
from rexpand.cost.operators import Layer


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What is met from a layer on: `passed` without macs, and `filters` at the ends.

    Both are places among the layers, in the order in which they ran.
    """

    passed: tuple[int, ...]
    filters: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The layers of a graph, asked by their places."""

    layers: tuple[Layer, ...]

    @cached_property
    def readers(self) -> tuple[tuple[int, ...], ...]:
        """Of each layer, those that read its output or a part of it."""
        found: list[list[int]] = [[] for _ in self.layers]
        for place in range(len(self.layers)):
            for source in self.sources(place):
                found[source].append(place)
        return tuple(map(tuple, found))

    def sources(self, place: int) -> tuple[int, ...]:
        """The layers that a layer reads, each once; not the image, no constants."""
        origins = (edge.origin for edge in self.layers[place].edges)
        return tuple(dict.fromkeys(each for each in origins if isinstance(each, int)))

    def carried(self, place: int) -> tuple[int, ...]:
        """The layers whose features a layer reads: its sources without gates."""
        return self._carried[place]

    def carriers(self, place: int) -> tuple[int, ...]:
        """The layers that read the features of a layer: its readers without gates."""
        return tuple(
            each
            for each in self.readers[place]
            if place in self.carried(each)
            and (self._pooled[place] or not self._pooled[each])
        )

    def gate(self, place: int) -> int | None:
        """The layer that gives a map's factor, fewer numbers than the map has.

        None where there is none, or a constant: nothing of the image went into it.
        """
        if self.layers[place].kind != "multiply":
            return None
        found = (each for each in self._aside(place) if not self._constant[each])
        return next(found, None)

    def back(self, place: int) -> Reach:
        """From what a layer reads, back to the filters that feed it."""
        return self._reach((place,), self.carried)

    def onward(self, places: Iterable[int]) -> Reach:
        """From the outputs of layers, on to the filters that they feed.

        What pools a map to one position is not followed, nor are filters among those
        found that compute a gate on the way.
        """
        found = self._reach(tuple(places), self.carriers)
        asides = [each for place in found.passed for each in self._aside(place)]
        gates = set(self._upstream(asides)) if len(found.filters) > 1 else set[int]()
        return Reach(
            passed=found.passed,
            filters=tuple(each for each in found.filters if each not in gates),
        )

    def vectors(self, place: int) -> tuple[int, ...]:
        """A layer and all before it that work on what was pooled to one position."""
        return self._upstream([place], only_pooled=True)

    def feeder(self, place: int) -> int | None:
        """The filter that feeds a layer, if it is the only one."""
        filters = self.back(place).filters
        return filters[0] if len(filters) == 1 else None

    def reads_image(self, place: int) -> bool:
        """Whether a layer reads the image, and no filter's features."""
        met = self.back(place)
        edges = (
            edge for each in (place, *met.passed) for edge in self.layers[each].edges
        )
        return not met.filters and any(edge.origin == "image" for edge in edges)

    def is_on_map(self, place: int) -> bool:
        """Whether it gives a map, rather than one vector per image (as in a gate).

        A map may have one position, at low resolutions; a vector was pooled.
        """
        layer = self.layers[place]
        if len(layer.output) < 4:
            return False
        return math.prod(layer.out_size) > 1 or not self._pooled[place]

    @cached_property
    def outputs(self) -> frozenset[int]:
        """The filters, such as a classifier, that no filter and no norm reads.

        Nobody chooses their channels: they are what the network is asked for, such as
        classes. A filter of the image itself is none of them.
        """
        last = [True] * len(self.layers)
        for place in reversed(range(len(self.layers))):
            layer = self.layers[place]
            if layer.has_macs or layer.kind == "norm" or not last[place]:
                for source in self.sources(place):
                    last[source] = False
        return frozenset(
            place
            for place, layer in enumerate(self.layers)
            if last[place] and layer.has_macs and not self.reads_image(place)
        )

    def is_filter(self, place: int) -> bool:
        """Whether it is a convolution or a linear layer on a map of two sides."""
        layer = self.layers[place]
        is_learned = layer.kind in ("convolution", "linear")
        return is_learned and len(layer.output) == 4 and self.is_on_map(place)

    @cached_property
    def _pooled(self) -> Sequence[bool]:
        return pooled(self.layers)

    @cached_property
    def _carried(self) -> tuple[tuple[int, ...], ...]:
        asides = map(self._aside, range(len(self.layers)))
        return tuple(
            tuple(each for each in self.sources(place) if each not in aside)
            for place, aside in enumerate(asides)
        )

    @cached_property
    def _constant(self) -> Sequence[bool]:
        """Of each layer, whether nothing of the image went into it."""
        found: list[bool] = []
        for layer in self.layers:
            origins = [edge.origin for edge in layer.edges]
            found.append(
                all(
                    o == "constant" or (isinstance(o, int) and found[o])
                    for o in origins
                )
            )
        return found

    def _aside(self, place: int) -> tuple[int, ...]:
        """The sources that scale or shift a map by less than a map."""
        layer, sources = self.layers[place], self.sources(place)
        if layer.kind not in ("add", "multiply") or len(layer.inputs) < 2:
            return ()
        if all(self._pooled[each] for each in sources):
            return ()
        return tuple(
            edge.origin
            for edge, shape in zip(layer.edges, layer.inputs, strict=False)
            if isinstance(edge.origin, int)
            and (self._pooled[edge.origin] or math.prod(shape) < layer.elements_out)
        )

    def _upstream(
        self, places: Sequence[int], *, only_pooled: bool = False
    ) -> tuple[int, ...]:
        """These layers and all that they are computed from."""
        met: set[int] = set()
        ahead = list(places)
        while ahead:
            place = ahead.pop()
            if place not in met and (self._pooled[place] or not only_pooled):
                met.add(place)
                ahead += self.sources(place)
        return tuple(sorted(met))

    def _reach(
        self, places: tuple[int, ...], follow: Callable[[int], tuple[int, ...]]
    ) -> Reach:
        met: set[int] = set()
        ahead = [each for place in places for each in follow(place)]
        while ahead:
            place = ahead.pop()
            if place in met:
                continue
            met.add(place)
            if not self.layers[place].has_macs:
                ahead += follow(place)
        in_order = sorted(met)
        return Reach(
            passed=tuple(p for p in in_order if not self.layers[p].has_macs),
            filters=tuple(p for p in in_order if self.layers[p].has_macs),
        )
