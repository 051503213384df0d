"""From a study to a model: one network, and equal numbers at every step of the way."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rexpand.cli.main import run_typed
from rexpand.records import Record, read_record
from rexpand.search.summary import summarise
from rexpand.spec import read_contract, read_network

Say = Callable[..., Any]
WINNER = "study/winner/network.safetensors"
RECIPE = """
epochs = 2
batch_size = 64
validation = {validation}

[optimizer]
learning_rate = {rate}
"""


@dataclass(frozen=True, kw_only=True)
class Way:
    """The folder of the way, and what its first steps said."""

    folder: Path
    exported: str


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """A study of two trials, its winner exported and trained; nothing held out of it."""
    folder = tmp_path_factory.mktemp("way")
    (folder / "search.toml").write_text(RECIPE.format(validation=100, rate=0.05))
    (folder / "long.toml").write_text(RECIPE.format(validation=0, rate=0.05))
    (folder / "still.toml").write_text(RECIPE.format(validation=0, rate=1e-30))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        said(
            *("search", "run", "--macs", "300k", "--trials", "2", "--seeds", "1"),
            *("--recipe", "search.toml", "--train-subset", "200", "--out", "study"),
        )
        exported = said("search", "export", "study", "--retrain", "long.toml")
    return Way(folder=folder, exported=exported)


def said(*arguments: str) -> str:
    """What a command that goes well prints on stdout."""
    from contextlib import redirect_stdout
    from io import StringIO

    out = StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as left:
        run_typed(arguments)
    assert left.value.code == 0
    return out.getvalue()


@pytest.fixture
def document(way: Way, monkeypatch: pytest.MonkeyPatch) -> Say:
    monkeypatch.chdir(way.folder)
    return lambda *arguments: json.loads(said(*arguments, "--json"))


def test_the_file_of_the_winner_costs_what_its_trial_cost(
    way: Way, document: Say
) -> None:
    best = max(summarise(way.folder / "study").trials, key=lambda t: t.accuracy or 0)

    cost = document("cost", "net.toml")

    assert cost["channels"] == list(best.channels)
    assert (cost["params"], cost["macs"]) == (best.params, best.macs)
    assert cost["resolution"] == 8
    # Its line says the same, and that no classifier is counted.
    assert f"macs {best.macs / 1e3:.1f}k without a classifier, 8 pixels" in way.exported


def test_the_trained_winner_is_the_network_of_the_file(way: Way, document: Say) -> None:
    found, trained = (
        read_network(way.folder / "net.toml"),
        read_network(way.folder / WINNER),
    )

    record = read_record(Record, way.folder / "study/winner/record.json")
    cost = document("cost", WINNER)

    assert trained == record.spec == found.with_classes(10)
    assert (cost["params"], cost["macs"]) == (record.params, record.macs)
    contract = read_contract(way.folder / WINNER)
    assert contract is not None
    assert contract.without_names().image == (1, 8, 8)


@pytest.mark.parametrize("asked", [WINNER, f"net.toml@{WINNER}"])
def test_the_winner_is_judged_as_it_was_after_its_training(
    asked: str, way: Way, document: Say
) -> None:
    record = read_record(Record, way.folder / "study/winner/record.json")

    judged = document("evaluate", asked, "--data", "digits")

    # Nothing was held out, so both verbs saw the same test images.
    assert (record.evaluated_on, record.evaluated_images) == ("test", 360)
    assert judged["accuracy"] == record.accuracy
    assert judged["images"] == record.evaluated_images
    assert judged["loss"] == pytest.approx(record.loss, rel=1e-5)  # other batches
    printed = re.search(r"([0-9.]+) % on 360 test images", way.exported)
    assert printed is not None
    assert printed[1] == f"{record.accuracy:.2f}"


@pytest.mark.parametrize("asked", [WINNER, f"net.toml@{WINNER}"])
def test_training_goes_on_from_the_accuracy_of_the_winner(
    asked: str, way: Way, document: Say, tmp_path: Path
) -> None:
    record = read_record(Record, way.folder / "study/winner/record.json")

    went_on = document(
        *("train", asked, "--recipe", "still.toml", "--out", str(tmp_path / "more"))
    )

    assert went_on["started_from"] == asked
    assert went_on["start_accuracy"] == record.accuracy
    assert (went_on["params"], went_on["macs"]) == (record.params, record.macs)


def test_the_winner_is_trained_anew_by_its_file(
    way: Way, document: Say, tmp_path: Path
) -> None:
    record = read_record(Record, way.folder / "study/winner/record.json")

    anew = document(
        *("train", "net.toml", "--recipe", "long.toml", "--out", str(tmp_path / "anew"))
    )

    # The same network, recipe, images and seed: the same training.
    assert anew["started_from"] is None
    assert anew["accuracy"] == record.accuracy
    assert (anew["params"], anew["macs"]) == (record.params, record.macs)


def test_a_retraining_by_an_unknown_recipe_writes_nothing(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(way.folder)

    with pytest.raises(SystemExit) as left:
        run_typed(("search", "export", "study", "--out", "x.toml", "--retrain", "fast"))

    assert left.value.code == 2
    assert not (way.folder / "x.toml").exists()
