"""Networks in int8: near their scores, on the same grids in both runtimes."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from rexpand.deploy import (
    Converted,
    check_calibration_classes,
    onnx_graph,
    open_exported,
    quantised_onnx,
    quantised_openvino,
)
from rexpand.deploy.layers import weighted_layers
from rexpand.errors import CheckpointError, DataError, MissingExtraError, SpecError
from small_networks import IMAGE, small

SAID = {"network": "small", "precision": "fp32", "class_names": "[]"}
WAYS = {"onnx": quantised_onnx, "openvino": quantised_openvino}


@cache
def graph_of(name: str) -> bytes:
    return onnx_graph(small(name), IMAGE, SAID)


def images(count: int = 16, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.standard_normal((count, *IMAGE), dtype=np.float32)


def written(done: Converted, folder: Path) -> Path:
    for suffix, content in done.contents.items():
        (folder / f"net{suffix}").write_bytes(content)
    return folder / f"net{next(iter(done.contents))}"


def error(name: str, path: Path, folder: Path) -> float:
    """Of the scores of other images, as a share of the scores' own spread."""
    (folder / "float.onnx").write_bytes(graph_of(name))
    exact = open_exported(folder / "float.onnx").scores(images(seed=1))
    found = open_exported(path).scores(images(seed=1))
    return float((found - exact).std() / exact.std())


@pytest.mark.parametrize("form", WAYS)
@pytest.mark.parametrize("name", ["mobilenetv2_100", "rexnet_100"])
def test_scores_are_near_those_of_float(form: str, name: str, tmp_path: Path) -> None:
    path = written(WAYS[form](graph_of(name), images()), tmp_path)

    # 256 steps per tensor; a graph whose grids are wrong is off by its whole spread.
    assert error(name, path, tmp_path) < 0.2


@pytest.mark.parametrize("form", WAYS)
def test_a_file_says_what_the_float_one_said_and_its_precision(
    form: str, tmp_path: Path
) -> None:
    done = WAYS[form](graph_of("search_18"), images(4))

    opened = open_exported(written(done, tmp_path))
    assert opened.properties.network == "small"
    assert done.precision == opened.precision == "int8"


def test_scores_and_what_concludes_them_stay_in_float() -> None:
    done = quantised_onnx(graph_of("squeezenet_1_1"), images(4))

    nodes = onnx.load_from_string(done.contents[".onnx"]).graph.node
    made_by = {name: node for node in nodes for name in node.output}
    last = made_by["scores"]
    before = made_by[last.input[0]]
    assert [before.op_type, last.op_type] == ["GlobalAveragePool", "Reshape"]


@pytest.mark.parametrize("form", WAYS)
def test_a_named_layer_stays_in_float(form: str) -> None:
    whole = WAYS[form](graph_of("search_18"), images(4))
    last = onnx.load_from_string(graph_of("search_18")).graph.node[-1].name

    done = WAYS[form](graph_of("search_18"), images(4), in_float=[last])

    assert done.in_float == (last,)
    assert whole.in_float == ()
    # Four bytes for each of its weights, where the whole has one.
    assert sizes(done) > sizes(whole)


def sizes(done: Converted) -> int:
    return sum(len(each) for each in done.contents.values())


@pytest.mark.parametrize("form", WAYS)
def test_mistakes_are_one_line(form: str) -> None:
    quantise = WAYS[form]

    with pytest.raises(DataError, match="there are no calibration images"):
        quantise(graph_of("search_18"), [])
    with pytest.raises(DataError, match="batches of images of one size"):
        quantise(graph_of("search_18"), [images(1), images(1)[..., 1:]])
    with pytest.raises(DataError, match="no numbers"):
        quantise(graph_of("search_18"), images(1) * np.nan)
    with pytest.raises(CheckpointError, match="the content is no ONNX graph"):
        quantise(b"other", images(1))
    with pytest.raises(SpecError, match="no layer 'stem'; its layers are /"):
        quantise(graph_of("search_18"), images(1), in_float=["stem"])


def test_calibration_images_of_one_class_are_refused() -> None:
    check_calibration_classes([0, 0, 1])

    with pytest.raises(DataError, match="all 3 calibration images are of class 7"):
        check_calibration_classes([7, 7, 7])
    with pytest.raises(DataError, match="there are no calibration images"):
        check_calibration_classes([])


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "nncf"])
def test_a_missing_package_is_one_line(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = graph_of("search_18")
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(MissingExtraError, match=rf"{package} .*rexpand\[deploy\]"):
        quantised_openvino(content, images(1))


ALONE = """
import sys
from pathlib import Path

import numpy as np

sys.addaudithook(lambda event, _: event == "socket.connect" and sys.exit(event))
from rexpand.deploy import quantised_openvino

done = quantised_openvino(Path(sys.argv[1]).read_bytes(), np.ones((2, 3, 64, 64), "f"))
assert not any(name.startswith("openvino_telemetry.") for name in sys.modules)
"""


def test_openvino_and_nncf_call_nobody_and_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(graph_of("search_18"))
    # A home of its own: their telemetry keeps an identity in its folder `intel`.
    home = tmp_path / "home"
    home.mkdir()

    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path / "net.onnx")],
        env={"PATH": "", "HOME": str(home), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (home / "intel").exists()


def test_with_all_layers_in_float_scores_are_those_of_float(tmp_path: Path) -> None:
    names = [each.name for each in weighted_layers(onnx.load_from_string(mobile()))]

    done = quantised_onnx(mobile(), images(4), in_float=names)

    # Neither do sums and pools between them round.
    assert error("mobilenetv2_100", written(done, tmp_path), tmp_path) < 1e-4


def test_onnxruntime_computes_a_layer_in_float_in_float(tmp_path: Path) -> None:
    layers = weighted_layers(onnx.load_from_string(mobile()))
    (name, *_) = (each.name for each in layers if each.groups > 1)
    done = quantised_onnx(mobile(), images(4), in_float=[name])
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    # Not for this processor's layouts: they give layers other names.
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    )
    options.log_severity_level = 4  # it warns that such a file is for this machine

    onnxruntime.InferenceSession(
        done.contents[".onnx"], options, providers=["CPUExecutionProvider"]
    )

    # Between two grids it would put the weights on one grid of all filters.
    nodes = onnx.load(tmp_path / "optimised.onnx").graph.node
    assert [each.name for each in nodes if each.op_type == "Conv"] == [name]


def mobile() -> bytes:
    return graph_of("mobilenetv2_100")
