"""`rexpand predict`: classes of images as a user asks for them."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner, Result

from rexpand.cli.main import app
from rexpand.data.dataset import DataSet
from rexpand.errors import MistakeError
from rexpand.models import build, save_network
from rexpand.spec import ImageContract, network
from rexpand.train import evaluate

CLASSES = ("cat", "dog", "owl")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A checkpoint with the names of its classes.

    Its norms are so that a rounding of float32 grows to some 4e-6 of the scores.
    """
    torch.manual_seed(0)
    spec = network("mobilenetv1_025").with_classes(len(CLASSES))
    contract = ImageContract(
        channels=3, height=32, width=32, mean=(0.4,) * 3, std=(0.3,) * 3, crop=0.9,
        class_names=CLASSES, origin="data",
    )  # fmt: skip
    path = tmp_path / "net.safetensors"
    module = build(spec.for_images(resolution=32, in_channels=3))
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.8, 1.2)
            torch.nn.init.uniform_(layer.running_var, 0.3, 0.7)
    save_network(module, path, contract)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four images per class, of several sizes, in val/."""
    generator = np.random.default_rng(0)
    for name in CLASSES:
        folder = tmp_path / "photos" / "val" / name
        folder.mkdir(parents=True)
        for number in range(4):
            shape = (40 + 9 * number, 50, 3)
            pixels = generator.integers(256, size=shape, dtype=np.uint8)
            Image.fromarray(pixels // (1 + number)).save(folder / f"{number}.png")
    return tmp_path / "photos"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["predict", *map(str, words)])


def test_every_image_gets_its_most_probable_classes(
    weights: Path, photos: Path
) -> None:
    done = run(weights, photos, "--top", 2, "--json")

    # Nothing but the document on stdout, and every image of the folder in it, sorted.
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    files = [each["file"] for each in document["predictions"]]
    assert files == sorted(str(path) for path in photos.rglob("*.png"))
    for each in document["predictions"]:
        first, second = each["classes"]
        assert first["class"] == CLASSES[first["place"]]
        assert 1 > first["probability"] >= second["probability"] > 0
    assert document["contract"]["crop"] == 0.9


def test_predictions_are_what_evaluate_counts(weights: Path, photos: Path) -> None:
    told = json.loads(run(weights, photos, "--json").stdout)["predictions"]
    words = ["evaluate", str(weights), "--data", str(photos), "--json"]
    evaluated = json.loads(CliRunner().invoke(app, words).stdout)

    right = [Path(each["file"]).parent.name == each["classes"][0]["class"]
             for each in told]  # fmt: skip
    # One way to feed images: the share of right classes is the accuracy.
    assert 100 * sum(right) / len(right) == evaluated["accuracy"]
    assert 0 < sum(right) < len(right)


def test_a_bad_image_is_reported_and_the_rest_is_done(
    weights: Path, photos: Path
) -> None:
    (photos / "val" / "cat" / "bad.jpg").write_bytes(b"no image")

    done = run(weights, photos, "--json", "--batch-size", 4)

    assert done.exit_code == 1
    document = json.loads(done.stdout)
    assert (document["images"], document["unreadable"]) == (12, 1)
    (bad,) = (each for each in document["predictions"] if "problem" in each)
    assert bad["file"].endswith("bad.jpg")
    assert "bad.jpg' cannot be decoded" in done.stderr
    assert "1 of 13 images could not be read" in done.stderr


def test_a_batch_of_bad_images_alone_is_no_batch(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"")

    done = run(weights, tmp_path / "bad.jpg")

    assert done.exit_code == 1
    assert done.stdout == ""


def test_a_table_has_a_row_per_image_and_class(weights: Path, photos: Path) -> None:
    (photos / "bad.png").write_bytes(b"no image")

    done = run(weights, photos, "--out", "found.csv")

    assert done.exit_code == 1
    assert done.stdout == ""
    with Path("found.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    # Three classes of twelve images, and the bad one.
    assert len(rows) == 3 * 12 + 1
    assert {row["class"] for row in rows} == {"", *CLASSES}
    assert [row["problem"] != "" for row in rows].count(True) == 1


def test_classes_without_names_are_numbered(tmp_path: Path, photos: Path) -> None:
    save_network(build(network("mobilenetv1_025")), tmp_path / "bare.safetensors")

    done = run("bare.safetensors", photos, "--resolution", 32, "--top", 1, "--json")

    (first, *_) = json.loads(done.stdout)["predictions"]
    assert first["classes"][0]["class"] == str(first["classes"][0]["place"])


def test_a_network_of_grey_images_takes_files(tmp_path: Path, digits: DataSet) -> None:
    torch.manual_seed(0)
    spec = network("search_18", width_mult=0.25).with_classes(10)
    module = build(spec.for_images(resolution=8, in_channels=1))
    save_network(module, tmp_path / "grey.safetensors", digits.contract)
    test = digits.test.subset(range(40))
    for place, image in enumerate(test.stored_images()):
        pixels = image.squeeze(-1).numpy()
        Image.fromarray(pixels).convert("RGB").save(tmp_path / f"{place:02}.png")
    expected = evaluate(module, test, torch.device("cpu"))

    done = run("grey.safetensors", tmp_path, "--top", 10, "--json")

    # Digits as colour files: the luminance of grey is the grey that they were.
    found = json.loads(done.stdout)["predictions"]
    losses = [
        -math.log(guess["probability"])
        for each, label in zip(found, test.labels, strict=True)
        for guess in each["classes"]
        if guess["place"] == label
    ]
    assert len(losses) == 40
    assert sum(losses) / 40 == pytest.approx(expected.loss, rel=1e-4)


def test_random_weights_are_said_and_are_the_same_again(photos: Path) -> None:
    words = ("mobilenetv1_025", photos, "--resolution", 32, "--top", 1, "--json")

    first, second = run(*words), run(*words)

    assert "has random weights" in first.stderr
    assert first.stdout == second.stdout


@pytest.mark.kernels
def test_an_exported_file_gives_the_same_classes(weights: Path, photos: Path) -> None:
    words = ["export", str(weights), "--to", "onnx,openvino,torch_export,torchscript"]
    assert CliRunner().invoke(app, [*words, "--out", "there"]).exit_code == 0
    expected = json.loads(run(weights, photos, "--json").stdout)

    for suffix in (".onnx", ".xml", ".pt2", ".pt"):
        done = run(f"there/net{suffix}", photos, "--batch-size", 5, "--json")

        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert found["network"] == f"there/net{suffix}"
        # Named, fed and ranked alike; rounding may differ.
        for ours, theirs in zip(
            expected["predictions"], found["predictions"], strict=True
        ):
            assert ours["file"] == theirs["file"]
            assert _probabilities(ours) == pytest.approx(
                _probabilities(theirs), rel=1e-3
            )


def _probabilities(prediction: dict[str, Any]) -> dict[str, float]:
    return {each["class"]: each["probability"] for each in prediction["classes"]}


def test_an_exported_file_is_evaluated(weights: Path, photos: Path) -> None:
    done = CliRunner().invoke(app, ["export", str(weights), "--out", "net.onnx"])
    assert done.exit_code == 0, done.exception
    words = ["evaluate", "--data", str(photos), "--json"]

    ours = json.loads(CliRunner().invoke(app, [*words, str(weights)]).stdout)
    theirs = json.loads(CliRunner().invoke(app, [*words, "net.onnx"]).stdout)

    assert (theirs["accuracy"], theirs["images"]) == (ours["accuracy"], 12)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nowhere.png",), "there is no image or folder 'nowhere.png'"),
        (("empty",), "'empty' holds no image"),
        (("photos", "--out", "found.txt"), "'found.txt' is neither a .csv nor a .json"),
    ],
)
def test_a_mistake_stops_before_any_work(
    weights: Path, photos: Path, words: tuple[str, ...], told: str
) -> None:
    Path("empty").mkdir()

    done = run(weights, *words)

    assert isinstance(done.exception, MistakeError)
    assert told in str(done.exception)
