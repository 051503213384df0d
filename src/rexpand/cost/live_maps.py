"""Which maps are alive together in a forward pass, and how many elements they have.

A map is alive from the layer that writes it to the last layer that reads it. Convolutions,
linear layers, poolings and copies (concatenations, paddings) write a new one.
Norms, activations, gates and sums write into a map that they read, where nothing reads
it later, as in a pass without gradients; otherwise they write a new one too. Parts of a
map and other orders of it (channel shuffles) are views. The image is a map; weights are none.
"""

import math
from dataclasses import dataclass, replace

from rexpand.cost.graph import Graph
from rexpand.cost.operators import Edge, Layer
from rexpand.spec import Activation

_IN_PLACE = frozenset(("norm", "activation", "add", "multiply", "elementwise"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A layer: the elements of the map that it writes, and the steps that it reads.

    `changes` are those of what it reads whose map it may write into.
    """

    elements: int
    reads: tuple[int, ...] = ()
    changes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Live:
    """The most elements alive together, and the first step at which they are.

    `written` are the elements of all maps of the pass.
    """

    elements: int
    step: int
    written: int


class Tape:
    """The steps of a forward pass, as the closed forms of the kinds write them."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def write(self, elements: int, *reads: int) -> int:
        """A new map of so many elements; gives the step that others may read."""
        self.steps.append(Step(elements=int(elements), reads=reads))
        return len(self.steps) - 1

    def change(self, source: int, *others: int) -> int:
        """A layer that may write into the map of a step; it may read others too."""
        elements, reads = self.steps[source].elements, (source, *others)
        self.steps.append(Step(elements=elements, reads=reads, changes=(source,)))
        return len(self.steps) - 1

    def add(self, first: int, second: int) -> int:
        """The sum of two maps of one shape, written into one of them where it can be."""
        both = (first, second)
        elements = self.steps[first].elements
        self.steps.append(Step(elements=elements, reads=both, changes=both))
        return len(self.steps) - 1

    def activate(self, activation: Activation, source: int) -> int:
        """An activation; without one the step itself."""
        return source if activation == "linear" else self.change(source)


def most_alive(steps: list[Step]) -> Live:
    """The most elements alive together; the last step's map lives to the end."""
    last = list(range(len(steps)))
    for place, step in enumerate(steps):
        for source in step.reads:
            last[source] = place
    last[-1] = len(steps)
    buffers, sizes, deaths = list[int](), list[int](), list[int]()
    born: list[list[int]] = [[] for _ in steps]
    for place, step in enumerate(steps):
        shared = next((each for each in step.changes if last[each] == place), None)
        if shared is None:
            buffers.append(len(sizes))
            born[place].append(len(sizes))
            sizes.append(step.elements)
            deaths.append(last[place])
        else:
            buffers.append(buffers[shared])
            deaths[buffers[-1]] = max(deaths[buffers[-1]], last[place])
    return _most(born, sizes, deaths)


def _most(born: list[list[int]], sizes: list[int], deaths: list[int]) -> Live:
    alive = set[int]()
    most = Live(elements=0, step=0, written=sum(sizes))
    for place, new in enumerate(born):
        alive = {each for each in alive if deaths[each] >= place} | set(new)
        elements = sum(sizes[each] for each in alive)
        if elements > most.elements:
            most = replace(most, elements=elements, step=place)
    return most


def steps_of(graph: Graph) -> list[Step]:
    """The layers of any module as one pass showed them; the first step is the image."""
    image = math.prod(graph.inputs[0])
    steps = [Step(elements=image)]
    for layer in graph.layers:
        reads = tuple(
            dict.fromkeys(_step(edge) for edge in layer.edges if _is_map(edge))
        )
        steps.append(
            Step(
                elements=math.prod(layer.output),
                reads=reads,
                changes=tuple(_changed(layer)),
            )
        )
    return steps


def _is_map(edge: Edge) -> bool:
    return edge.origin != "constant"


def _step(edge: Edge) -> int:
    return edge.origin + 1 if isinstance(edge.origin, int) else 0


def _changed(layer: Layer) -> list[int]:
    """What a layer reads whole and in the shape of its output."""
    if layer.kind not in _IN_PLACE:
        return []
    return [
        _step(edge)
        for edge, shape in zip(layer.edges, layer.inputs, strict=False)
        if _is_map(edge) and edge.view == "whole" and shape == layer.output
    ]
