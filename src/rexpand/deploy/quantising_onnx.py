"""ONNX graphs in int8 for onnxruntime, calibrated on images.

Weights have a signed grid for each filter, activations one of 0 to 255 for each tensor:
the form in which onnxruntime's kernels multiply fastest. Scores stay in float32, since
256 steps are too few to tell a thousand classes apart; so does what comes before the
first layer and after the last.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rexpand.deploy.calibration import Array, calibration_batches
from rexpand.deploy.converted import (
    Converted,
    properties_in,
    read_graph,
    write_graph,
)
from rexpand.deploy.layers import WeightedLayer, named_layers, weighted_layers
from rexpand.deploy.observing import Observed, observed
from rexpand.deploy.rounding import round_weights
from rexpand.deploy.silence import silence
from rexpand.errors import MissingExtraError

# What onnxruntime's CPU computes or moves in int8.
_KINDS = (
    *("Conv", "Gemm", "MatMul", "Add", "Mul", "Relu", "Clip", "LeakyRelu", "Sigmoid"),
    *("MaxPool", "AveragePool", "GlobalAveragePool", "Concat", "Split", "Pad", "Slice"),
    *("Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Gather"),
)
_BOUNDS = ("Relu", "Clip")  # part of the layer before them: where its grid ends


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibrated:
    """A float graph whose weights are on their grids, and what its tensors are like.

    `source` is the graph as it was.
    """

    source: bytes
    graph: Any
    layers: tuple[WeightedLayer, ...]
    observed: Observed
    batches: tuple[Array, ...]


def quantised_onnx(
    graph: bytes | str | Path,
    images: Array | Iterable[Array],
    *,
    in_float: Collection[str] = (),
) -> Converted:
    """An exported graph in int8, but for the layers named in `in_float`.

    quantised_onnx("rexnet_100.onnx", images).contents[".onnx"]

    `images` are calibration images as the graph takes them, (images, channels, height,
    width), or batches of them. What the file says of itself is kept. Raises DataError
    for images that are missing or of several sizes, CheckpointError for what is no
    graph, SpecError for one without layers of weights or a layer that it does not have,
    MissingExtraError without onnx or onnxruntime.
    """
    return integers_onnx(calibrated(graph, images), in_float)


def calibrated(
    graph: bytes | str | Path, images: Array | Iterable[Array]
) -> Calibrated:
    """What `quantised_onnx` does before it chooses layers; raises the same."""
    found = read_graph(graph)
    source = bytes(found.SerializeToString())
    layers = weighted_layers(found)
    batches = calibration_batches(images)
    seen = observed(found, layers, batches)
    round_weights(found, layers, seen.inputs)
    return Calibrated(
        source=source, graph=found, layers=layers, observed=seen, batches=batches
    )


def integers_onnx(found: Calibrated, in_float: Collection[str]) -> Converted:
    """A calibrated graph in int8; SpecError for a layer that it does not have."""
    left = named_layers(found.layers, in_float)
    graph = graph_with(found, left)
    for each in found.layers:
        if each.name in left:
            _keep_in_float(graph, each)
    outside = _outside(graph, found.layers)
    kept = (*left, *outside, *_after(graph, found.layers, left))
    content = _integers(found, graph, (), kept)
    return Converted(precision="int8", contents={".onnx": content}, in_float=left)


def graph_with(found: Calibrated, in_float: Collection[str]) -> Any:
    """A calibrated graph whose layers of some names have their own weights again."""
    graph = read_graph(found.source)
    kept = {
        name
        for each in found.layers
        if each.name in in_float
        for name in (each.weight, each.bias)
    }
    for own, rounded in zip(
        graph.graph.initializer, found.graph.graph.initializer, strict=True
    ):
        if own.name not in kept:
            own.CopyFrom(rounded)
    return graph


def one_layer_onnx(found: Calibrated, layer: WeightedLayer) -> bytes:
    """The graph as it was, but for one layer and the bound of its output in int8."""
    others = [each.name for each in found.layers if each != layer]
    graph = graph_with(found, others)
    bounds = [
        node.name
        for node in graph.graph.node
        if node.op_type in _BOUNDS and node.input[0] == layer.output
    ]
    return _integers(found, graph, (layer.name, *bounds), ())


def _keep_in_float(graph: Any, layer: WeightedLayer) -> None:
    """Put the largest of a layer's output and the least float32 in its place.

    It changes nothing, but onnxruntime, when it opens a file, rounds the weights of a
    layer between two grids to one grid of all filters (`WeightBiasQuantization`,
    onnxruntime 1.32), unless something stands between the layer and the second grid.
    """
    import onnx

    inside, least = f"{layer.output}_in_float", f"{layer.output}_least"
    nodes = [*graph.graph.node]
    at = next(at for at, node in enumerate(nodes) if node.name == layer.name)
    nodes[at].output[0] = inside
    graph.graph.initializer.append(
        onnx.numpy_helper.from_array(np.array(np.finfo(np.float32).min), least)
    )
    kept = onnx.helper.make_node(
        "Max", [inside, least], [layer.output], name=f"{layer.name}_in_float"
    )
    graph.graph.node.insert(at + 1, kept)


def _integers(
    found: Calibrated, graph: Any, only: Collection[str], left: Collection[str]
) -> bytes:
    try:
        from onnxruntime.quantization import QDQQuantizer, QuantType, TensorData
    except ImportError:
        raise MissingExtraError("onnxruntime", "deploy") from None
    ranges = {
        name: TensorData(
            lowest=np.float32(each.least), highest=np.float32(each.largest)
        )
        for name, each in found.observed.values.items()
    }
    with silence():
        quantizer = QDQQuantizer(
            graph,
            per_channel=True,
            reduce_range=False,
            weight_qType=QuantType.QInt8,
            activation_qType=QuantType.QUInt8,
            tensors_range=ranges,
            nodes_to_quantize=list(only),
            nodes_to_exclude=list(left),
            op_types_to_quantize=_KINDS,
            extra_options={
                "WeightSymmetric": True,
                "OpTypesToExcludeOutputQuantization": ["Gemm"],
            },
        )
        quantizer.quantize_model()
    return write_graph(quantizer.model.model, properties_in(found.graph, "int8"))


def _after(
    graph: Any, layers: Iterable[WeightedLayer], in_float: Collection[str]
) -> Iterator[str]:
    """What lies between layers in float and the next layers, as sums and pools do.

    It would round what the layers give, for a sum that costs as much in float.
    """
    own = {each.name for each in layers}
    after: set[str] = set()
    for node in graph.graph.node:
        if node.name in in_float:
            after.update(node.output)
        elif node.name not in own and after.intersection(node.input):
            after.update(node.output)
            yield node.name


def _outside(graph: Any, layers: Iterable[WeightedLayer]) -> Iterator[str]:
    """The nodes before the first layer and after the last: they prepare or conclude."""
    nodes = graph.graph.node
    own = {each.name for each in layers}
    after = {each.output for each in layers}  # what a layer leads to
    for node in nodes:
        if after.intersection(node.input):
            after.update(node.output)
    before = {each.source for each in layers}  # what leads to a layer
    for node in reversed(nodes):
        if before.intersection(node.output):
            before.update(node.input)
    for node in nodes:
        is_between = after.intersection(node.output) and before.intersection(
            node.output
        )
        if node.name not in own and not is_between:
            yield node.name
