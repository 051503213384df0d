"""OpenVINO's files give the scores that torch gives."""

import sys
from pathlib import Path

import openvino
import pytest
import torch

from rexpand.deploy import (
    export_openvino,
    openvino_difference,
    openvino_operators,
)
from rexpand.errors import MissingExtraError, OutputError
from rexpand.models import build
from rexpand.spec import CATALOGUE
from small_networks import IMAGE, small

# One of every family that computes in a way of its own.
NAMES = (
    "rexnet_100", "rexnet_plain", "mobilenetv1_025", "mobilenetv3_small_100", "mixnet_s",
    "efficientnet_lite0", "resnet18", "resnext50_32x4d", "shufflenetv1_g3_100",
    "shufflenetv2_100", "condensenet_74_g4", "squeezenet_1_1", "fairdarts_b",
)  # fmt: skip


EVERY = [
    name if name in NAMES else pytest.param(name, marks=pytest.mark.slow)
    for name in CATALOGUE
]


@pytest.mark.parametrize("name", EVERY)
def test_a_model_gives_the_same_scores(name: str, tmp_path: Path) -> None:
    module = small(name)

    export_openvino(module, IMAGE, tmp_path / "net.xml")

    # Of one image and of three, though two were traced.
    assert openvino_difference(module, IMAGE, tmp_path / "net.xml") < 1e-4
    assert {path.name for path in tmp_path.iterdir()} == {"net.xml", "net.bin"}


def test_a_model_of_other_weights_is_told_apart(tmp_path: Path) -> None:
    export_openvino(small("search_18"), IMAGE, tmp_path / "net.xml")
    torch.manual_seed(1)
    other = build(small("search_18").spec)

    assert openvino_difference(other, IMAGE, tmp_path / "net.xml") > 0.1


def test_what_it_is_stands_in_the_file(tmp_path: Path) -> None:
    said = {"network": "search_18", "class_names": '["cat", "dog"]'}

    export_openvino(small("search_18"), IMAGE, tmp_path / "net.xml", said)

    model = openvino.Core().read_model(tmp_path / "net.xml")
    found = {key: model.get_rt_info(["rexpand", key]).astype(str) for key in said}
    assert found == said
    assert model.input("images").get_partial_shape().to_string() == "[?,3,64,64]"


def test_a_model_is_simplified_before_it_is_written(tmp_path: Path) -> None:
    export_openvino(small("shufflenetv2_100"), IMAGE, tmp_path / "net.xml")

    found = openvino_operators(tmp_path / "net.xml")
    assert not {"ShapeOf", "Range", "Gather", "Unsqueeze", "Divide"} & found.keys()
    assert found["Convolution"] + found["GroupConvolution"] == 20


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"net.onnx does not end in \.xml"):
        export_openvino(small("search_18"), IMAGE, tmp_path / "net.onnx")


def test_a_missing_package_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)

    with pytest.raises(MissingExtraError, match=r"openvino .*rexpand\[deploy\]"):
        export_openvino(small("search_18"), IMAGE, tmp_path / "net.xml")
