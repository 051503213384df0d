"""What a graph's tensors are like on calibration images: ranges, power, covariance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import pad, unfold

from rexpand.deploy.layers import WeightedLayer
from rexpand.deploy.sessions import onnxruntime_session

Array = npt.NDArray[Any]

_AT_ONCE = 8  # images; all maps of all of them are in memory together
_PLACES = 28 * 28  # of a map are enough of one image; the next shows others
_NOISE = 1e-5  # of the mean power: what sums of products in float32 are off by


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Mean (groups, columns) and covariance (groups, columns, columns) of what a filter sees.

    A column is a weight of the filter: what it is multiplied by, over all places of all
    images.
    """

    mean: Tensor
    covariance: Tensor


@dataclass(frozen=True, kw_only=True)
class Values:
    """The values of a tensor: their ends, with 0 between them, and their mean square.

    `between` is the share that is neither the least nor the largest of its batch: the
    others are on every grid. `shape` is that of one image's.
    """

    least: float
    largest: float
    power: float
    between: float
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """The values of every tensor, and the inputs of layers, by name."""

    values: Mapping[str, Values]
    inputs: Mapping[str, Inputs]


def observed(
    graph: Any, layers: Iterable[WeightedLayer], batches: Iterable[Array]
) -> Observed:
    """Run a graph in float on calibration images, and see all of its tensors."""
    names = _float_tensors(graph)
    session = onnxruntime_session(_showing(graph, names))
    source = session.get_inputs()[0].name
    seen: dict[str, _Seen] = {}
    sums = {each.name: _Sums(each) for each in layers}
    for turn, images in enumerate(_parts(batches)):
        found = dict(zip(names, session.run(names, {source: images}), strict=True))
        if source not in found and images.dtype == np.float32:
            found[source] = images
        for name, values in found.items():
            seen.setdefault(name, _Seen()).add(values)
        for each in sums.values():
            each.add(found[each.layer.source], turn)
    return Observed(
        values={name: each.values() for name, each in seen.items()},
        inputs={name: each.inputs() for name, each in sums.items()},
    )


def _float_tensors(graph: Any) -> list[str]:
    import onnx

    inferred = onnx.shape_inference.infer_shapes(graph).graph
    values = (*inferred.value_info, *inferred.output)
    kinds = {each.name: each.type.tensor_type.elem_type for each in values}
    return [
        name
        for node in graph.graph.node
        for name in node.output
        if kinds.get(name) == onnx.TensorProto.FLOAT
    ]


def _showing(graph: Any, names: Iterable[str]) -> bytes:
    """The same graph with some of its tensors as outputs."""
    import onnx

    shown = onnx.ModelProto()
    shown.CopyFrom(graph)
    del shown.graph.output[:]
    shown.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in names
    )
    return bytes(shown.SerializeToString())


def _parts(batches: Iterable[Array]) -> Iterable[Array]:
    for batch in batches:
        for at in range(0, len(batch), _AT_ONCE):
            yield np.array(batch[at : at + _AT_ONCE])  # torch wants to own it


class _Seen:
    """What is known of the values of a tensor so far."""

    def __init__(self) -> None:
        self._least = self._largest = 0.0  # 0 is on every grid
        self._squares = 0.0
        self._between = self._count = 0
        self._shape: tuple[int, ...] = ()

    def add(self, values: Array) -> None:
        low, high = values.min(), values.max()
        self._least = min(self._least, float(low))
        self._largest = max(self._largest, float(high))
        self._squares += float(np.square(values, dtype=np.float64).sum())
        self._between += int(np.count_nonzero((values > low) & (values < high)))
        self._count += values.size
        self._shape = values.shape[1:]

    def values(self) -> Values:
        return Values(
            least=self._least,
            largest=self._largest,
            power=self._squares / self._count,
            between=self._between / self._count,
            shape=self._shape,
        )


class _Sums:
    """First and second moments of a layer's inputs, added up."""

    def __init__(self, layer: WeightedLayer) -> None:
        self.layer = layer
        self._count = 0
        self._first = torch.zeros(())
        self._second = torch.zeros(())

    def add(self, values: Array, turn: int) -> None:
        columns = _columns(self.layer, torch.from_numpy(values), turn)
        self._count += columns.shape[-1]
        self._first = self._first + columns.sum(-1, dtype=torch.float64)
        self._second = self._second + (columns @ columns.mT).double()

    def inputs(self) -> Inputs:
        mean = self._first / self._count
        second = self._second / self._count
        covariance = second - mean[:, :, None] * mean[:, None, :]
        # As exact as the products of float32 were, so that no direction is below 0.
        power = second.diagonal(dim1=1, dim2=2)
        noise = _NOISE * power.mean(-1, keepdim=True).expand_as(power)
        return Inputs(mean=mean, covariance=covariance + torch.diag_embed(noise))


def _columns(layer: WeightedLayer, values: Tensor, turn: int) -> Tensor:
    """What each weight of a filter is multiplied by: (groups, columns, places).

    Of a large map only every second or third row and column, others in each turn.
    """
    if layer.is_linear:
        return values.mT[None]
    top, left, bottom, right = layer.pads
    padded = pad(values, (left, right, top, bottom))
    stride = layer.stride
    area = padded.shape[2] * padded.shape[3] / (stride[0] * stride[1])
    every = ceil((area / _PLACES) ** 0.5)
    row, column = divmod(turn % every**2, every)
    padded = padded[:, :, row * stride[0] :, column * stride[1] :]
    steps = (every * stride[0], every * stride[1])
    if layer.kernel == (1, 1):
        found = padded[:, :, :: steps[0], :: steps[1]].flatten(2)
    else:
        found = unfold(padded, layer.kernel, layer.dilation, 0, steps)
    found = found.transpose(0, 1).flatten(1)
    return found.reshape(layer.groups, -1, found.shape[-1])
