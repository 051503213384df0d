"""The gate of `rexpand export`: other precisions, judged on real images and timed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner, Result

from rexpand.cli.main import app
from rexpand.deploy import open_exported
from rexpand.errors import (
    DataError,
    MissingExtraError,
    MistakeError,
    OutputError,
    RunError,
    SpecError,
)
from rexpand.models import build, save_network
from rexpand.records import Gate, read_record
from rexpand.spec import ImageContract, network

SIDE, CLASSES, IMAGES = 32, 4, 60
ALL = [*range(CLASSES)] * (IMAGES // CLASSES)
JUDGED = ("--data", "mine.npz", "--rounds", 3)
CONTRACT = ImageContract(
    channels=3, height=SIDE, width=SIDE, mean=(0.5,) * 3, std=(0.25,) * 3, crop=1.0,
    origin="data",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_network(undecided(), Path("net.safetensors"), CONTRACT)
    write_images(ALL)


def undecided() -> nn.Module:
    """A network whose scores are zero on average: what int8 rounds decides some images."""
    torch.manual_seed(0)
    spec = network("search_18").with_classes(CLASSES)
    net = build(spec.for_images(resolution=SIDE, in_channels=3)).eval()
    pixels = torch.from_numpy(noise(IMAGES)).permute(0, 3, 1, 2)
    *_, classifier = (each for each in net.modules() if isinstance(each, nn.Linear))
    with torch.inference_mode():
        classifier.bias -= net((pixels / 255 - 0.5) / 0.25).mean(0)
    return net


def noise(count: int) -> np.ndarray:
    size = (count, SIDE, SIDE, 3)
    return np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)


def write_images(labels: list[int]) -> None:
    known = {"train_images": noise(CLASSES), "train_labels": np.arange(CLASSES)}
    tests = {"test_images": noise(len(labels)), "test_labels": np.array(labels)}
    np.savez("mine.npz", allow_pickle=False, **known, **tests)


def run(*words: object) -> Result:
    typed = ("export", "net.safetensors", "--out", "there", *words)
    return CliRunner().invoke(app, [*map(str, typed)])


def test_one_table_has_every_runtime_in_every_precision() -> None:
    asked = ("--to", "onnx,openvino", "--fp16", "--int8", "--least-agreement", 0.01)

    done = run(*asked, *JUDGED)

    assert done.exit_code == 0, done.output
    gate = read_record(Gate, "there/net.gate.json")
    names = [(row.runtime, row.precision) for row in gate.rows]
    runtimes = ("onnxruntime", "openvino")
    pairs = [(name, each) for each in ("fp32", "fp16", "int8") for name in runtimes]
    assert names == [("torch", "fp32"), *pairs]
    table = [tuple(line.split()[:2]) for line in done.stdout.splitlines()]
    assert [row for row in table if row in names] == names
    assert (gate.judged_images, gate.calibration_images) == (45, 15)


def test_a_row_is_about_the_files_that_it_names() -> None:
    run("--int8", "--least-agreement", 0.01, *JUDGED)

    gate = read_record(Gate, "there/net.gate.json")
    eager, exact, int8 = gate.rows
    assert (eager.agreement, exact.agreement) == (1, 1)
    assert int8.files == ("there/net.int8.onnx",)
    assert int8.size_bytes == Path("there/net.int8.onnx").stat().st_size
    assert open_exported("there/net.int8.onnx").precision == "int8"
    assert exact.difference < 1e-4 < int8.difference
    assert int8.latency_ms.count == len(gate.readings_ms["onnxruntime int8"]) == 3


def test_int8_is_predicted_before_it_is_made() -> None:
    done = run("--int8", "--least-agreement", 0.01, *JUDGED, "--json")

    found = json.loads(done.stdout)["friendliness"]
    assert done.stderr.index("int8 will leave about") < done.stderr.index("wrote")
    assert found["images"] == 15
    assert found["at_risk"][0] == found["layers"][0]["layer"]
    assert 0 < found["agreement"] <= 1


def test_a_missing_quantiser_is_refused_before_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)

    done = run("--to", "openvino", "--int8", *JUDGED)

    assert isinstance(done.exception, MissingExtraError)
    assert "rexpand[deploy]" in str(done.exception)
    assert not Path("there").exists()


def test_a_file_that_agrees_too_little_fails_and_is_kept() -> None:
    done = run("--int8", "--least-agreement", 1, *JUDGED, "--json")

    assert isinstance(done.exception, RunError)
    assert "onnxruntime in int8 has the network's top class for" in str(done.exception)
    assert Path("there/net.int8.onnx").is_file()
    int8 = json.loads(done.stdout)["gate"]["rows"][-1]
    assert int8["agreement"] < 1


def test_an_agreement_alone_judges_the_files_in_float() -> None:
    done = run("--to", "torchscript", "--least-agreement", 0.9, *JUDGED, "--json")

    assert done.exit_code == 0, done.output
    gate = json.loads(done.stdout)["gate"]
    assert [row["runtime"] for row in gate["rows"]] == ["torch", "torchscript"]
    assert (gate["judged_images"], gate["calibration_images"]) == (IMAGES, 0)


def test_probabilities_are_compared_with_those_of_the_network() -> None:
    run("--with-softmax", "--least-agreement", 0.9, *JUDGED)

    _, exact = read_record(Gate, "there/net.gate.json").rows
    assert exact.difference < 1e-4


def test_data_alone_compares_scores_and_times_nothing() -> None:
    done = run(*JUDGED, "--json")

    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["real_images"], document["gate"]) == (32, None)
    assert [path.name for path in Path("there").iterdir()] == ["net.onnx"]


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("--int8", MistakeError, "int8 needs real images; give --data"),
        ("--least-agreement 0.9", MistakeError, "an agreement needs real images"),
        ("--accuracy-aware", MistakeError, "--accuracy-aware is about int8"),
        (
            "--to onnx --bf16",
            SpecError,
            "onnx is not written in bf16, but in fp32, fp16",
        ),
        ("--to torchscript --int8", SpecError, "torchscript is not written in int8"),
        ("--to onnx,torch_export --fp16", SpecError, "leave out torch_export or fp16"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(
    words: str, kind: type[MistakeError], said: str
) -> None:
    done = run(*words.split())

    assert isinstance(done.exception, kind)
    assert said in str(done.exception)
    assert not Path("there").exists()


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 1, 2], "there are no calibration images"),
        ([2] * 20, "all 5 calibration images are of class 2"),
    ],
)
def test_images_that_cannot_calibrate_are_refused(labels: list[int], said: str) -> None:
    write_images(labels)

    done = run("--int8", *JUDGED)

    assert isinstance(done.exception, DataError)
    assert said in str(done.exception)
    assert not Path("there").exists()


@pytest.mark.parametrize("name", ["net.int8.bin", "net.gate.json"])
def test_the_places_of_the_gate_are_checked_before_the_work(name: str) -> None:
    Path("there", name).mkdir(parents=True)

    done = run("--to", "openvino", "--int8", *JUDGED)

    assert isinstance(done.exception, OutputError)
    assert f"{name} cannot be written" in str(done.exception)
    assert [path.name for path in Path("there").iterdir()] == [name]
