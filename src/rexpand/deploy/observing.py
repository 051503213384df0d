"""What a graph's tensors are like on calibration images: ranges and second moments."""

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """The least and largest value of every tensor, and the inputs of layers by name."""

    ranges: Mapping[str, tuple[float, float]]
    inputs: Mapping[str, Inputs]


def observed(
    graph: Any, layers: Iterable[WeightedLayer], batches: Iterable[Array]
) -> Observed:
    """Run a graph in float on calibration images, and see all of its tensors."""
    names = _float_tensors(graph)
    session = onnxruntime_session(_showing(graph, names))
    source = session.get_inputs()[0].name
    ranges: dict[str, tuple[float, float]] = {}
    sums = {each.name: _Sums(each) for each in layers}
    for turn, images in enumerate(_parts(batches)):
        found = dict(zip(names, session.run(names, {source: images}), strict=True))
        if source not in found and images.dtype == np.float32:
            found[source] = images
        for name, values in found.items():
            low, high = ranges.get(name, (0.0, 0.0))  # 0 is on every grid
            low, high = min(low, float(values.min())), max(high, float(values.max()))
            ranges[name] = (low, high)
        for each in sums.values():
            each.add(found[each.layer.source], turn)
    return Observed(
        ranges=ranges, inputs={name: each.inputs() for name, each in sums.items()}
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
