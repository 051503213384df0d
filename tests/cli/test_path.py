"""From a folder of images to a model in another runtime, by commands alone.

The images are digits as PNG files, so that the path is always walked. Every step's
numbers are compared with those of the steps before.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnxruntime import InferenceSession
from PIL import Image
from sklearn.datasets import load_digits
from typer.testing import CliRunner

from rexpand.cli.main import app
from rexpand.data.unlabelled import unlabelled
from rexpand.spec.image_contract import contract_from_json

NAMES = {0: "zero", 1: "one", 4: "four"}
TRAIN, TEST = 30, 10  # images per class


def rexpand(*words: str) -> str:
    """What a command prints, which must not fail."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, f"{words}: {done.output} {done.exception}"
    return done.stdout


def document(*words: str) -> Any:
    return json.loads(rexpand(*words, "--json"))


def write_photos(folder: Path) -> None:
    """FOLDER/train/CLASS/*.png and FOLDER/val/CLASS/*.png, of 72x80 pixels in colour."""
    digits = load_digits()
    for digit, name in NAMES.items():
        found = np.flatnonzero(digits.target == digit)[: TRAIN + TEST]
        for part, rows in (("train", found[:TRAIN]), ("val", found[TRAIN:])):
            (folder / part / name).mkdir(parents=True)
            for row in rows:
                pixels = (digits.images[row] * 15.9).astype(np.uint8)
                image = Image.fromarray(pixels).resize((72, 80)).convert("RGB")
                image.save(folder / part / name / f"{row}.png")


def scores_in_onnx(file: str, folder: Path) -> dict[str, np.ndarray]:
    """Probabilities of each image, fed as the properties of the ONNX file say."""
    said = {each.key: each.value for each in onnx.load(file).metadata_props}
    split = unlabelled([folder], contract_from_json(said["contract"], file))
    session = InferenceSession(file)
    found: dict[str, np.ndarray] = {}
    for read in split.read(batch_size=7, device=torch.device("cpu")):
        scores = session.run(None, {"images": read.pixels.numpy()})[0]
        probabilities = torch.from_numpy(scores).softmax(1).numpy()
        found |= dict(zip(read.names, probabilities, strict=True))
    return found


def test_a_folder_of_images_becomes_a_model_by_commands_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_photos(Path("photos"))

    checked = document("data", "check", "photos")
    rexpand(
        *("search", "run", "--data", "photos", "--resolution", "64"),
        *("--network", "mobilenetv1_025", "--macs", "3M", "--trials", "2"),
        *("--seeds", "1", "--epochs", "1", "--out", "study"),
    )
    rexpand("search", "export", "study", "--out", "winner.toml")
    cost = document("cost", "winner.toml")
    trained = document(
        *("train", "winner.toml", "--data", "photos", "--epochs", "2"),
        *("--lr", "0.05", "--batch-size", "15", "--out", "run"),
    )
    weights = "run/seed-0/network.safetensors"
    evaluated = document("evaluate", weights, "--data", "photos")
    predicted = document("predict", weights, "photos/val", "--top", "3")
    exported = document("export", weights, "--to", "onnx", "--out", "net.onnx")

    # The images: as many as were written, in every step that counts them.
    assert (checked["train_images"], checked["test_images"]) == (3 * TRAIN, 3 * TEST)
    assert checked["corrupt"] == []
    for step, name in ((trained, "evaluated_images"), (evaluated, "images"),
                       (predicted, "images")):  # fmt: skip
        assert step[name] == 3 * TEST
    # The network: at 64 pixels everywhere, within the budget, of the same cost.
    assert cost["resolution"] == 64
    assert cost["macs"] <= 3e6
    assert (trained["params"], trained["macs"]) == (cost["params"], cost["macs"])
    for step in (evaluated, predicted, exported):
        contract = step["contract"]
        assert (contract["height"], contract["width"]) == (64, 64)
        assert contract["mean"] == evaluated["contract"]["mean"]
    # The accuracy and the loss: of the record, of evaluate, of what predict says.
    record = json.loads(Path("run/seed-0/record.json").read_text())
    guesses = {each["file"]: each["classes"] for each in predicted["predictions"]}
    right = [Path(f).parent.name == found[0]["class"] for f, found in guesses.items()]
    losses = [
        -math.log(each["probability"])
        for file, found in guesses.items()
        for each in found
        if each["class"] == Path(file).parent.name
    ]
    assert trained["accuracy"] == evaluated["accuracy"]
    assert evaluated["accuracy"] == pytest.approx(100 * sum(right) / len(right))
    assert evaluated["loss"] == pytest.approx(record["loss"], rel=1e-4)
    assert sum(losses) / len(losses) == pytest.approx(evaluated["loss"], rel=1e-4)
    # The file for another runtime: the same probabilities by the same class names.
    assert exported["exports"][0]["difference"] <= exported["tolerance"]
    assert exported["class_names"] == sorted(NAMES.values())
    for file, probabilities in scores_in_onnx("net.onnx", Path("photos/val")).items():
        for each in guesses[file]:
            place = exported["class_names"].index(each["class"])
            assert probabilities[place] == pytest.approx(each["probability"], abs=1e-3)
