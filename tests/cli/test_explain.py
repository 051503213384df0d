"""A checkpoint says what it is and how it came about, without torch."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rexpand.models import build, save_network
from rexpand.recipe import RECIPES, find_recipe
from rexpand.records import Record, passport_of, read_passport, read_record
from rexpand.spec import network

Say = Callable[..., Any]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one epoch on 64 digits leaves."""
    from rexpand.data.dataset import with_train_subset
    from rexpand.data.load import load
    from rexpand.train import train

    folder = tmp_path_factory.mktemp("trained")
    data = with_train_subset(load("digits"), 64, held_out=200, seed=0)
    recipe = RECIPES["digits"].with_epochs(1)
    train(network("search_18"), recipe, data, seed=3, folder=folder)
    return folder / "network.safetensors"


def test_a_checkpoint_has_the_passport_of_its_record(checkpoint: Path) -> None:
    record = read_record(Record, checkpoint.parent / "record.json")

    assert read_passport(checkpoint) == passport_of(record)


def test_a_passport_is_printed(checkpoint: Path, say: Say, tmp_path: Path) -> None:
    record = read_record(Record, checkpoint.parent / "record.json")

    said = say("explain", str(checkpoint))

    assert said.code == 0
    for text in (
        "search_18",
        "34-34-45-55-66",
        f"{record.macs:,} multiply-accumulates",
        f"{record.accuracy:.2f} % on 200 validation images",
        "1 epoch on 64 images, seed 3",
        str(record.provenance.data_fingerprint),
    ):
        assert text in said.out
    # The recipe at the end is one that --recipe takes.
    path = tmp_path / "recipe.toml"
    path.write_text(said.out.partition("\n\n")[2])
    assert find_recipe(str(path)) == record.recipe


def test_a_passport_is_a_document_too(checkpoint: Path, say: Say) -> None:
    said = json.loads(say("explain", str(checkpoint), "--json").out)

    assert said["passport"]["seed"] == 3
    assert said["spec"]["name"] == "search_18"
    assert said["contract"]["height"] == 8


def test_weights_without_a_training_say_so(say: Say, tmp_path: Path) -> None:
    save_network(build(network("search_18")), tmp_path / "new.safetensors")

    said = say("explain", "new.safetensors")

    assert (said.code, read_passport(tmp_path / "new.safetensors")) == (0, None)
    assert "training   not said" in said.out


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("net.toml", b"", "is no checkpoint"),
        ("cut.safetensors", b"\x10", "not a safetensors checkpoint"),
        ("none.safetensors", None, "none.safetensors"),
    ],
)
def test_another_file_is_refused(
    name: str, content: bytes | None, words: str, say: Say, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    said = say("explain", name)

    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert words in said.err


def test_no_torch_is_needed(checkpoint: Path) -> None:
    program = (
        "import sys; from rexpand.cli.explain import explain; "
        "from pathlib import Path; explain(Path(sys.argv[1])); "
        "assert 'torch' not in sys.modules"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(checkpoint)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "search_18" in done.stdout


def test_an_exported_file_says_what_it_takes_and_gives(
    checkpoint: Path, say: Say
) -> None:
    say("export", str(checkpoint), "--out", "net.onnx")

    said = say("explain", "net.onnx")

    assert said.code == 0
    for text in ("network.safetensors", "fp32", "1 x 8 pixels", "scores", "17 Conv"):
        assert text in said.out
    document = json.loads(say("explain", "net.onnx", "--json").out)
    assert (document["format"], document["has_softmax"]) == ("onnx", False)
