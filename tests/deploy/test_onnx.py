"""Graphs of the whole catalogue: a runtime gives the scores that torch gives."""

import sys
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path

import onnx
import pytest
import torch
from torch import nn

from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.deploy import (
    OPSET,
    export_onnx,
    onnx_difference,
    onnx_graph,
    onnx_operators,
)
from rexpand.errors import ForeignCodeError, MissingExtraError
from rexpand.models import build
from rexpand.models.same_padding import pad_as_tensorflow
from rexpand.spec import CATALOGUE, network
from small_networks import IMAGE, small

# Operators that compute nothing: they move numbers, or ask for sizes on the way.
MOVES = {
    *("Transpose", "Reshape", "Slice", "Split", "Gather", "GatherND", "Shape", "Size"),
    *("ScatterND", "ScatterElements", "Squeeze", "Unsqueeze", "Expand", "Tile", "Cast"),
    *("ConstantOfShape", "Constant", "Identity", "Div", "Range"),
}
# Which of them a family is defined by: parts of a map, a step of one pixel, an index.
OWN = {
    "shufflenetv2": {"Split"}, "mixnet": {"Split"}, "atomnas": {"Split"},
    "fairdarts": {"Slice"}, "condensenet": {"Gather"}, "darts": {"Slice"},
    "pdarts": {"Slice"}, "nasnet": {"Slice"}, "amoebanet": {"Slice"},
    "pnasnet": {"Slice"},
}  # fmt: skip


@cache
def graph_of(name: str) -> bytes:
    return onnx_graph(small(name), IMAGE)


def nodes_of(name: str) -> Sequence[onnx.NodeProto]:
    return onnx.load_from_string(graph_of(name)).graph.node


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_graph_gives_the_same_scores(name: str, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(graph_of(name))

    # Of one image and of three, though two were traced.
    assert onnx_difference(small(name), IMAGE, tmp_path / "net.onnx") < 1e-4


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_graph_moves_numbers_only_where_its_network_does(name: str) -> None:
    found = Counter(node.op_type for node in nodes_of(name) if node.op_type in MOVES)
    shuffles = sum(isinstance(each, ChannelShuffle) for each in small(name).modules())
    # A shuffle is a transposition between two reshapes; the classifier takes vectors.
    assert found.pop("Transpose", 0) == shuffles
    assert found.pop("Reshape") == 2 * shuffles + 1
    assert set(found) <= OWN.get(network(name).family, set())


def test_padding_of_tensorflow_is_inside_the_convolutions(tmp_path: Path) -> None:
    module = deepcopy(small("mobilenetv2_100"))
    pad_as_tensorflow(module)

    export_onnx(module, IMAGE, tmp_path / "net.onnx")

    # torch traces it as thirty operators on the sides of every strided map.
    found = onnx_operators(tmp_path / "net.onnx")
    assert found.keys() == {node.op_type for node in nodes_of("mobilenetv2_100")}
    assert onnx_difference(module, IMAGE, tmp_path / "net.onnx") < 1e-4


@pytest.mark.kernels
def test_a_whole_network_gives_the_same_scores(tmp_path):
    module = build(network("rexnet_100"))

    export_onnx(module, (3, 224, 224), tmp_path / "net.onnx")

    assert onnx_difference(module, (3, 224, 224), tmp_path / "net.onnx") < 1e-4


def test_only_the_batch_is_free(tmp_path):
    module = small("rexnet_100")

    export_onnx(module, IMAGE, tmp_path / "net.onnx")

    assert module.training

    graph = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(graph, full_check=True)
    shapes = {
        value.name: [dim.dim_param or dim.dim_value for dim in _dims(value)]
        for value in (*graph.graph.input, *graph.graph.output)
    }
    assert shapes == {"images": ["batch", 3, 64, 64], "scores": ["batch", 10]}
    assert graph.opset_import[0].version == OPSET


def _dims(value):
    return value.type.tensor_type.shape.dim


def test_a_partial_shortcut_is_a_pad_and_an_addition(tmp_path):
    export_onnx(build(network("rexnet_100")), IMAGE, tmp_path / "net.onnx")

    kinds = [node.op_type for node in onnx.load(tmp_path / "net.onnx").graph.node]
    assert kinds.count("Pad") == kinds.count("Add") == 11


def test_a_graph_of_other_weights_is_told_apart(tmp_path):
    export_onnx(small("search_18"), IMAGE, tmp_path / "net.onnx")
    torch.manual_seed(1)
    other = build(small("search_18").spec)

    assert onnx_difference(other, IMAGE, tmp_path / "net.onnx") > 0.1


class Solving(nn.Module):
    """An operation that ONNX does not have."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.linalg.svdvals(images)


def test_an_operation_that_onnx_lacks_is_named_with_its_layer(
    capfd: pytest.CaptureFixture[str],
) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Sequential(nn.ReLU(), Solving()))

    with pytest.raises(ForeignCodeError) as caught:
        onnx_graph(net, IMAGE)

    for text in (
        "no operator aten::linalg_svdvals (layer '1.1')",
        "replace that layer",
    ):
        assert text in str(caught.value)
    assert capfd.readouterr() == ("", "")  # torch prints the graph


def test_an_operation_that_onnx_lacks_leaves_the_old_file(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"old")

    with pytest.raises(ForeignCodeError, match="Solving cannot be written as ONNX"):
        export_onnx(Solving(), IMAGE, tmp_path / "net.onnx")

    assert (tmp_path / "net.onnx").read_bytes() == b"old"


@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_a_missing_extra_of_the_export_is_one_line(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.optimizer", None)

    with pytest.raises(MissingExtraError, match=rf"{package} .*rexpand\[deploy\]"):
        export_onnx(small("search_18"), IMAGE, tmp_path / "net.onnx")


def test_a_missing_runtime_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "net.onnx").write_bytes(b"not read")

    with pytest.raises(MissingExtraError, match=r"onnxruntime .*rexpand\[deploy\]"):
        onnx_difference(small("search_18"), IMAGE, tmp_path / "net.onnx")
