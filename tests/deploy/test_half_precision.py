"""Networks in float16 and bfloat16: files that open, with scores near float's."""

from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from rexpand.deploy import (
    Converted,
    GraphForm,
    GraphInput,
    InPrecision,
    onnx_graph,
    onnx_in_float16,
    open_exported,
    openvino_in_bfloat16,
    openvino_in_float16,
)
from rexpand.deploy.graph_form import formed
from rexpand.deploy.layers import weighted_layers
from rexpand.errors import CheckpointError
from rexpand.spec import ImageContract
from small_networks import IMAGE, small

SAID = {"network": "small", "precision": "fp32", "class_names": "[]"}
WAYS = {
    "onnx fp16": onnx_in_float16,
    "openvino fp16": openvino_in_float16,
    "openvino bf16": openvino_in_bfloat16,
}
BITS = {"fp16": 11, "bf16": 8}  # of a number's digits, the hidden one included


@cache
def graph_of(name: str) -> bytes:
    return onnx_graph(small(name), IMAGE, SAID)


def images() -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.standard_normal((8, *IMAGE), dtype=np.float32)


def written(contents: dict[str, bytes], folder: Path) -> Path:
    for suffix, content in contents.items():
        (folder / f"net{suffix}").write_bytes(content)
    return folder / f"net{next(iter(contents))}"


def exact_scores(name: str, folder: Path) -> np.ndarray:
    return open_exported(written({".onnx": graph_of(name)}, folder)).scores(images())


def allowed(name: str, precision: str) -> float:
    """Of a score's error, as a share of the scores: each layer rounds what it reads.

    Its weights and its inputs are off by at most half a step, 2**-bits of a number;
    the errors of all layers add up at most.
    """
    layers = len(weighted_layers(onnx.load_from_string(graph_of(name))))
    return 2 * layers * 2.0 ** -BITS[precision]


def error(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.sqrt(np.square(found - exact).mean() / np.square(exact).mean()))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["search_18", "rexnet_100", "mobilenetv3_small_100"])
def test_scores_are_near_those_of_float(way: str, name: str, tmp_path: Path) -> None:
    done: Converted = WAYS[way](graph_of(name))

    found = open_exported(written(dict(done.contents), tmp_path)).scores(images())

    assert found.dtype == np.float32
    exact = exact_scores(name, tmp_path)
    assert 0 < error(found, exact) < allowed(name, done.precision)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_says_what_the_float_one_said_and_its_precision(
    way: str, tmp_path: Path
) -> None:
    done = WAYS[way](graph_of("search_18"))

    opened = open_exported(written(dict(done.contents), tmp_path))
    assert opened.properties.network == "small"
    assert done.precision == opened.precision == way.split()[1]


@pytest.mark.parametrize("way", WAYS)
def test_weights_take_half_the_bytes(way: str) -> None:
    whole = graph_of("rexnet_100")
    weights = onnx.load_from_string(whole).graph.initializer
    numbers = sum(onnx.numpy_helper.to_array(each).size for each in weights)

    done = WAYS[way](whole)

    content = list(done.contents.values())[-1]  # of OpenVINO's two, that of weights
    assert 2 * numbers * 0.9 < len(content) < 3 * numbers


@pytest.mark.parametrize("way", WAYS)
def test_normalisation_and_softmax_inside_stay_right(way: str, tmp_path: Path) -> None:
    form = GraphForm(has_preprocessing=True, has_softmax=True)
    contract = ImageContract(
        origin="spec",
        channels=3,
        height=64,
        width=64,
        mean=(0.485, 0.456, 0.406),
        std=(0.229, 0.224, 0.225),
    )
    whole = onnx_graph(
        formed(small("search_18"), contract, form), GraphInput(image=IMAGE, form=form)
    )
    pixels = np.random.default_rng(0).integers(256, size=(4, 64, 64, 3), dtype=np.uint8)
    exact = open_exported(written({".onnx": whole}, tmp_path)).scores(pixels)

    done = WAYS[way](whole)

    found = open_exported(written(dict(done.contents), tmp_path)).scores(pixels)
    assert error(found, exact) < allowed("search_18", done.precision)


@pytest.mark.parametrize("precision", BITS)
def test_a_module_computes_in_16_bits_between_float(precision: str) -> None:
    kind = {"fp16": torch.float16, "bf16": torch.bfloat16}[precision]
    given = torch.from_numpy(images())
    exact = small("search_18").eval()(given).detach().numpy()

    module = InPrecision(small("search_18").eval(), kind)

    found = module(given).detach()
    assert found.dtype == torch.float32
    assert {each.dtype for each in module.parameters()} == {kind}
    assert 0 < error(found.numpy(), exact) < allowed("search_18", precision)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_graph_is_one_line(way: str) -> None:
    with pytest.raises(CheckpointError, match="the content is no ONNX graph"):
        WAYS[way](b"other")
