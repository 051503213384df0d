"""The layers of an ONNX graph that have weights: its convolutions and linear layers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rexpand.errors import SpecError

Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class WeightedLayer:
    """A layer by the name of its node, with the names of its tensors.

    A linear layer is a convolution of one pixel: `kernel` (1, 1) and one group.
    """

    name: str
    source: str
    weight: str
    bias: str | None
    output: str
    is_linear: bool
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)  # top, left, bottom, right
    groups: int = 1


def weighted_layers(graph: Any) -> tuple[WeightedLayer, ...]:
    """In the order of a graph: those of two dimensions whose weights are constants.

    Raises SpecError where there are none: nothing can be quantised.
    """
    import onnx

    shapes = {each.name: tuple(each.dims) for each in graph.graph.initializer}
    found = []
    for node in graph.graph.node:
        if node.op_type not in ("Conv", "Gemm") or node.input[1] not in shapes:
            continue
        shape = shapes[node.input[1]]
        said = {
            each.name: onnx.helper.get_attribute_value(each) for each in node.attribute
        }
        if len(shape) == 4 or (len(shape) == 2 and _is_usual(said)):
            found.append(_layer(node, shape, said))
    if not found:
        raise SpecError("the graph has no convolution or linear layer to quantise")
    return tuple(found)


def named_layers(
    layers: Sequence[WeightedLayer], names: Collection[str]
) -> tuple[str, ...]:
    """Some of a graph's layers in its order; SpecError for one that it does not have."""
    own = [each.name for each in layers]
    for name in names:
        if name not in own:
            raise SpecError(
                f"the graph has no layer '{name}'; its layers are {own[0]} to {own[-1]}"
            )
    return tuple(name for name in own if name in names)


def _layer(node: Any, shape: tuple[int, ...], said: Mapping[str, Any]) -> WeightedLayer:
    bias = node.input[2] if len(node.input) > 2 else ""
    names = {"source": node.input[0], "weight": node.input[1], "bias": bias or None}
    if len(shape) == 2:
        return WeightedLayer(
            name=node.name, output=node.output[0], is_linear=True, **names
        )
    return WeightedLayer(
        name=node.name,
        output=node.output[0],
        is_linear=False,
        kernel=(shape[2], shape[3]),
        stride=tuple(said.get("strides", (1, 1))),
        dilation=tuple(said.get("dilations", (1, 1))),
        pads=tuple(said.get("pads", (0, 0, 0, 0))),
        groups=said.get("group", 1),
        **names,
    )


def _is_usual(said: Mapping[str, Any]) -> bool:
    """Whether a Gemm is a linear layer of torch: its weight is (outputs, inputs)."""
    return (
        said.get("transB", 0) == 1
        and said.get("transA", 0) == 0
        and said.get("alpha", 1.0) == said.get("beta", 1.0) == 1.0
    )


def read_weights(graph: Any) -> dict[str, Weights]:
    """The constants of a graph by name."""
    import onnx

    return {
        each.name: onnx.numpy_helper.to_array(each) for each in graph.graph.initializer
    }
