"""The noise that rounding to int8 puts into the scores of a graph, by its layers.

On a grid of step s rounding is off by a variance of s^2 / 12 (Widrow and Kollar,
Quantization Noise, 2008, chapter 5). Errors of activations are taken to be independent:
a filter adds them up by the squares of its weights, a pool averages them away. Errors
of weights look like the signal: they are carried on at their share of it. Noise of
different layers adds up.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from rexpand.deploy.layers import WeightedLayer, read_weights
from rexpand.deploy.observing import Observed
from rexpand.deploy.rounding import LEVELS

# Variances (layers, 2, channels): of weights, then of activations.
Noise = npt.NDArray[np.float64]

BOUNDS = ("Relu", "Clip")  # part of the layer before them: where its grid ends
WEIGHTS, ACTIVATIONS = 0, 1
_GATES = ("Sigmoid", "HardSigmoid")
_POOLS = ("GlobalAveragePool", "AveragePool", "ReduceMean")
_MOVES = (
    "Pad",
    "MaxPool",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Split",
    "Slice",
)
_SLOPE = 1 / 4  # the largest of a sigmoid
_STEPS = 255  # of an activation's grid


def noise_of_scores(
    graph: Any,
    layers: Sequence[WeightedLayer],
    seen: Observed,
    in_float: Collection[str] = (),
) -> npt.NDArray[np.float64]:
    """By layer, of weights and of activations: the noise as a share of the scores' power.

    Maps a graph with its layers in their order to (layers, 2).
    """
    spread = _Spread(graph, layers, seen, in_float)
    for node in graph.graph.node:
        spread.follow(node)
    return spread.share(graph.graph.output[0].name)


class _Spread:
    """The noise of every tensor, filled node by node."""

    def __init__(
        self,
        graph: Any,
        layers: Sequence[WeightedLayer],
        seen: Observed,
        in_float: Collection[str],
    ) -> None:
        self.noise: dict[str, Noise] = {}
        self._seen = seen
        self._weights = read_weights(graph)
        self._layers = {each.name: (at, each) for at, each in enumerate(layers)}
        self._in_float = in_float
        self._origin: dict[str, int] = {}  # by tensor: the last layer before it
        self._on_grid: set[str] = set()  # what layers in int8 give, and what follows
        self._made_by = {
            name: node for node in graph.graph.node for name in node.output
        }
        readers = defaultdict(set)
        for node in graph.graph.node:
            for name in node.input:
                readers[name].add(node.op_type)
        outputs = {each.output for each in layers}
        # One kernel computes a layer and its bound: nothing is rounded between them.
        self._unrounded = {
            name for name in outputs if readers[name] and readers[name] <= {*BOUNDS}
        }

    def share(self, name: str) -> npt.NDArray[np.float64]:
        """The noise of a tensor as a share of its power, (layers, 2)."""
        return np.asarray(self.noise[name].mean(-1) / self._power(name))

    def follow(self, node: Any) -> None:
        """The noise of what a node gives, from that of what it reads."""
        sources = [name for name in node.input if name in self._seen.values]
        for output in node.output if sources else ():
            if node.name in self._layers:
                at, layer = self._layers[node.name]
                self.noise[output] = self._through_layer(at, layer)
                self._origin[output] = at
            else:
                self._origin[output] = max(self._origin.get(n, 0) for n in sources)
                if all(name in self._on_grid for name in sources):
                    self._on_grid.add(output)
                self.noise[output] = self._through(node.op_type, sources, output)

    def _through_layer(self, at: int, layer: WeightedLayer) -> Noise:
        inputs = self._seen.inputs[layer.name]
        weight = self._weights[layer.weight].astype(np.float64)
        rows = weight.reshape(layer.groups, -1, inputs.mean.shape[1])
        groups, filters, _ = rows.shape
        # (groups, filters, channels of the group): the places of a kernel together.
        gain = np.square(rows).reshape(groups, filters, weight.shape[1], -1).sum(-1)
        given = self._before(layer.source)
        carried = given[:, WEIGHTS].mean(-1) * self._gain(layer.source, layer.output)
        wide = (len(given), groups * weight.shape[1])
        errors = np.broadcast_to(given[:, ACTIVATIONS], wide)
        through = np.einsum(
            "gfc,ngc->ngf", gain, errors.reshape(-1, groups, wide[1] // groups)
        )
        found = np.empty((len(given), 2, groups * filters))
        found[:, WEIGHTS] = carried[:, None]
        found[:, ACTIVATIONS] = through.reshape(len(given), -1)
        is_in_float = layer.name in self._in_float
        if not is_in_float or layer.source in self._on_grid:
            rounding = self._rounding(layer.source) * gain.sum(-1)
            found[at, ACTIVATIONS] += rounding.flatten()
        if not is_in_float:
            step = np.abs(rows).max(-1) / LEVELS
            spread = inputs.covariance.diagonal(dim1=1, dim2=2).sum(-1).numpy()
            found[at, WEIGHTS] += (np.square(step) / 12 * spread[:, None]).flatten()
            self._on_grid.add(layer.output)
        return found

    def _through(self, kind: str, sources: list[str], output: str) -> Noise:
        first = sources[0]
        if kind in BOUNDS:
            share = self._seen.values[output].between
            return self._scaled(self._before(first), first, output, share)
        if kind in _MOVES:  # what was on a grid stays on it
            found = self._before(first) * self._gain(first, output)
            is_in_order = self._shape(first)[0] == self._shape(output)[0]
            return found if is_in_order else found.mean(-1, keepdims=True)
        given = {name: self._rounded(name) for name in sources}
        if kind == "Add":
            return np.asarray(sum(given.values()))
        if kind == "Mul" and len(given) == 2:
            source = self._gated_by_itself(*sources)
            if source is not None:
                return given[source] * self._gain(source, output)
            second = sources[1]
            return given[first] * self._power(second) + given[second] * self._power(
                first
            )
        if kind in _GATES:
            return given[first] * min(_SLOPE**2, self._gain(first, output))
        if kind in _POOLS:
            share = prod(self._shape(output)) / prod(self._shape(first))
            return self._scaled(given[first], first, output, share)
        carried = [each * self._gain(name, output) for name, each in given.items()]
        return np.mean([each.mean(-1, keepdims=True) for each in carried], axis=0)

    def _shape(self, name: str) -> tuple[int, ...]:
        return self._seen.values[name].shape

    def _power(self, name: str) -> float:
        values = self._seen.values.get(name)
        return values.power if values is not None and values.power else 1.0

    def _before(self, name: str) -> Noise:
        found = self.noise.get(name)
        return np.zeros((len(self._layers), 2, 1)) if found is None else found

    def _rounded(self, name: str) -> Noise:
        """The noise of a tensor once it is on its grid."""
        found = self._before(name).copy()
        if name in self._on_grid:
            found[self._origin.get(name, 0), ACTIVATIONS] += self._rounding(name)
        return found

    def _rounding(self, name: str) -> float:
        """What the grid of a tensor adds; its ends and 0 are on it."""
        values = self._seen.values.get(name)
        if values is None or name in self._unrounded:
            return 0.0
        step = (values.largest - values.least) / _STEPS
        return step**2 / 12 * values.between

    def _scaled(self, given: Noise, source: str, output: str, share: float) -> Noise:
        """Errors of weights at their share of the signal, those of activations at one."""
        found = given * min(1.0, self._gain(source, output))
        found[:, ACTIVATIONS] = given[:, ACTIVATIONS] * share
        return found

    def _gain(self, source: str, output: str) -> float:
        return self._power(output) / self._power(source)

    def _gated_by_itself(self, first: str, second: str) -> str | None:
        """The tensor that a product scales by a function of itself, as SiLU does."""
        for value, gate in ((first, second), (second, first)):
            node = self._made_by.get(gate)
            if node is not None and node.op_type in _GATES and node.input[0] == value:
                return value
        return None
