"""The steps of a graph: what one pass saw, in the words of inverted residuals.

The operators count, not the classes: convolutions, batch norms, linear layers and global
poolings are steps; what acts on each value of one map alone is an activation, known by
its curve; a sum or a product of two maps is a shortcut or a gate. What else there is
becomes a step of kind `other`, for the reader to name.

A partial shortcut comes in three forms: a map padded by zeros and added (ours), a sum of
the first channels joined again with the rest (timm's), a sum written into a slice (the
official ReXNet).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from rexpand.advise.reading.curves import activation_named, curve_of, is_identity
from rexpand.advise.reading.steps import Kind, Step, holding, operator_of
from rexpand.cost import Graph
from rexpand.cost.operators import Edge, Layer, Origin, Shape

_MEANS = ("mean", "adaptive_avg_pool2d", "_adaptive_avg_pool2d", "avg_pool2d")
_POINTWISE = ("activation", "elementwise", "add", "multiply")


@dataclass(frozen=True, kw_only=True)
class _Value:
    """A curve over the values of a step, or a part of its channels.

    `curve` are the values on the grid, None for the step itself. `start` and `stop` are
    the channels that are there of the step, None for all; `padded` channels of zeros
    stand after them. `added` is a step that was added to the part.
    """

    step: int
    curve: Tensor | None = None
    start: int = 0
    stop: int | None = None
    padded: int = 0
    added: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all channels of the step are there, and no others."""
        return self.stop is None and not self.padded and self.added is None


def steps_of(graph: Graph) -> tuple[list[Step], int]:
    """The steps in forward order, the first is the image, and the number of the last.

    Operators that the one output does not depend on are left out.
    """
    (end,) = graph.ends
    notes = _Notes(graph.inputs[0])
    needed = {end.origin}
    for place in reversed(range(len(graph.layers))):
        if place in needed:
            needed.update(edge.origin for edge in graph.layers[place].edges)
    for place, layer in enumerate(graph.layers):
        if place in needed:
            notes.note(place, layer)
    return notes.steps, notes.end(end)


class _Notes:
    """The steps so far, and what every layer gives."""

    def __init__(self, image: Shape) -> None:
        self.steps = [Step(kind="image", name="image", shape=image)]
        self._values: dict[Origin, _Value] = {"image": _Value(step=0)}
        self._lone: dict[tuple[int, Kind, str], int] = {}

    def note(self, place: int, layer: Layer) -> None:
        """A layer, of which all that it reads was noted."""
        pairs = zip(layer.edges, layer.inputs, strict=False)
        self._values[place] = self._understood(
            layer, [self._read(edge, shape) for edge, shape in pairs]
        )

    def end(self, end: Edge) -> int:
        """The step that gives the module's output."""
        value = self._read(end, ())
        if value is None:
            value = self._new("other", (), (), name="a constant")
        return self._whole(value)

    def _read(self, edge: Edge, shape: Shape) -> _Value | None:
        """What an edge brings; None for a constant."""
        value = self._values.get(edge.origin)
        if value is None or edge.view == "whole":
            return value
        if edge.view == "channels" and value.is_whole and shape:
            return replace(value, start=edge.start, stop=edge.start + shape[1])
        name = "split channels" if edge.view == "channels" else "another view"
        return self._new("other", [value], shape, name=name)

    def _understood(self, layer: Layer, values: Sequence[_Value | None]) -> _Value:
        operator = operator_of(layer)
        found = [value for value in values if value is not None]
        if found and len(found) == len(values):
            given = (
                self._layer(operator, layer, found)
                or self._joined(operator, layer, found)
                or self._curved(layer, found)
            )
            if given is not None:
                return given
        return self._new("other", values, layer.output, name=operator)

    def _layer(
        self, operator: str, layer: Layer, values: Sequence[_Value]
    ) -> _Value | None:
        """What holds tensors of the module, a global pooling, a copy."""
        held = holding(layer)
        if held is not None:
            inputs = (self._whole(values[0]),)
            return _Value(step=self._step(replace(held, inputs=inputs)))
        if operator == "clone":
            return values[0]
        if operator in _MEANS and _is_global(layer):
            return self._new("pool", values, layer.output, name=operator)
        return None

    def _joined(
        self, operator: str, layer: Layer, values: Sequence[_Value]
    ) -> _Value | None:
        """Channels of zeros, and what two maps become."""
        if operator == "pad":
            return _padded(layer, values[0])
        if len(values) != 2:
            return None
        if operator == "cat":
            return self._joined_again(layer, *values)
        if values[0].step == values[1].step:
            return None
        plain = operator.removesuffix("_")
        if plain == "add" and dict(layer.constants).get("alpha", 1) == 1:
            return self._sum(layer, *values)
        if plain == "mul" and all(value.is_whole for value in values):
            is_first = layer.inputs[0] == layer.output  # the map, then its gate
            pair = values if is_first else values[::-1]
            return self._new("gate", pair, layer.output, name=operator)
        return None

    def _sum(self, layer: Layer, left: _Value, right: _Value) -> _Value | None:
        """A sum of two maps; the shortcut may reach the first channels alone."""
        if left.stop is None and (right.stop is not None or left.padded):
            left, right = right, left
        if left.stop is not None and left.start == 0 and right.is_whole:
            if layer.edges[0].view == "channels" and operator_of(layer) == "add_":
                return self._add(replace(left, stop=None), right, left.stop)
            return replace(left, added=self._whole(right))
        if left.is_whole and right.padded:
            joined = layer.output[1] - right.padded
            return self._add(left, replace(right, padded=0), joined)
        if left.is_whole and right.is_whole and layer.inputs[0] == layer.inputs[1]:
            return self._add(left, right, layer.output[1])
        return None

    def _joined_again(self, layer: Layer, first: _Value, rest: _Value) -> _Value | None:
        """The first channels with a sum in them, and the rest; None for others."""
        if first.added is None or first.stop is None or first.step != rest.step:
            return None
        ends = (first.stop, layer.output[1])
        if dict(layer.constants)["dim"] != 1 or (rest.start, rest.stop) != ends:
            return None
        left = replace(first, stop=None, added=None)
        return self._add(left, _Value(step=first.added), first.stop)

    def _add(self, left: _Value, right: _Value, joined: int) -> _Value:
        inputs = (self._whole(left), self._whole(right))
        shape = self.steps[inputs[0]].shape
        step = Step(kind="add", name="add", inputs=inputs, shape=shape, joined=joined)
        return _Value(step=self._step(step))

    def _curved(self, layer: Layer, values: Sequence[_Value]) -> _Value | None:
        """What acts on each value of one map alone; None for anything else."""
        first = values[0]
        is_one = all(value.step == first.step and value.is_whole for value in values)
        keeps = all(shape == layer.output for shape in layer.inputs)
        if not (is_one and keeps and layer.kind in _POINTWISE):
            return None
        curve = curve_of(layer, [value.curve for value in values])
        if curve is not None:
            return replace(first, curve=curve)
        if layer.kind == "activation":  # of learned tensors, as PReLU
            return _Value(step=self._alone(first.step, "activation", ""))
        return None

    def _whole(self, value: _Value) -> int:
        """The step whose output is the value: its activation becomes a step."""
        if not value.is_whole:
            name = "split channels" if value.added is None else "a sum of a part"
            return self._alone(value.step, "other", name)
        if value.curve is None or is_identity(value.curve):
            return value.step
        return self._alone(value.step, "activation", activation_named(value.curve))

    def _alone(self, source: int, kind: Kind, name: str) -> int:
        """A step that reads nothing but another; one for all who read it."""
        known = self._lone.get((source, kind, name))
        if known is None:
            before = self.steps[source]
            step = Step(kind=kind, name=name, inputs=(source,), shape=before.shape)
            if kind == "activation":
                step = replace(step, name=before.name, activation=name)
            known = self._lone[source, kind, name] = self._step(step)
        return known

    def _new(
        self, kind: Kind, values: Iterable[_Value | None], shape: Shape, *, name: str
    ) -> _Value:
        inputs = tuple(self._whole(value) for value in values if value is not None)
        step = Step(kind=kind, name=name, inputs=inputs, shape=shape)
        return _Value(step=self._step(step))

    def _step(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1


def _padded(layer: Layer, value: _Value) -> _Value | None:
    """A map with channels of zeros after it; None for another padding."""
    given = dict(layer.constants)
    extra = layer.output[1] - layer.inputs[0][1]
    is_of_channels = given.get("pad") == (0, 0, 0, 0, 0, extra)
    if not is_of_channels or given["mode"] != "constant" or given["value"]:
        return None
    if not value.is_whole or value.curve is not None:
        return None
    return replace(value, padded=extra)


def _is_global(layer: Layer) -> bool:
    """Whether a map became one number per channel."""
    source = layer.inputs[0]
    return len(source) == 4 and layer.elements_out == source[0] * source[1]
