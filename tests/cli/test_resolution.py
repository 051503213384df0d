"""Image files are fed at the size that is asked for, from the search to the verdict."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photos import write_photos
from rexpand.cost import cost_of
from rexpand.records import Record, read_record
from rexpand.search.design import read_study
from rexpand.spec import network, read_contract

Say = Callable[..., Any]
RECIPE = """
epochs = 1
batch_size = 4

[augmentation]
flip = true
"""


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes, eight training and three test images each, 40x32 pixels."""
    write_photos(tmp_path / "photos", {"train": 8, "test": 3}, height=32, width=40)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return tmp_path / "photos"


def document(done: Any) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_training_on_files_is_at_the_resolution_asked_for(
    say: Say, photos: Path, tmp_path: Path
) -> None:
    asked = ("--data", "photos", "--recipe", "recipe.toml", "--out", "run", "--json")

    trained = document(say("train", "search_18", "--resolution", "48", *asked))
    weights = str(tmp_path / "run/seed-0/network.safetensors")
    judged = document(say("evaluate", weights, "--data", "photos", "--json"))
    cost = document(say("cost", weights, "--json"))

    # One size in the record, in the header of the weights, and in every number.
    record = read_record(Record, tmp_path / "run/seed-0/record.json")
    contract = read_contract(Path(weights))
    assert record.spec.resolution == 48
    assert contract is not None
    assert contract.height == judged["contract"]["height"] == cost["resolution"] == 48
    assert trained["macs"] == cost["macs"] == cost_of(record.spec).macs
    assert trained["params"] == cost["params"]
    assert (trained["accuracy"], trained["evaluated_images"]) == (
        judged["accuracy"],
        judged["images"],
    )


def test_a_search_on_files_is_at_the_resolution_asked_for(
    say: Say, photos: Path, tmp_path: Path
) -> None:
    done = say(
        *("search", "run", "--data", "photos", "--macs", "30M", "--resolution", "48"),
        *("--network", "search_18", "--trials", "1", "--seeds", "1"),
        *("--recipe", "recipe.toml", "--out", "study"),
    )

    assert done.code == 0, done.err
    assert "images of 48 pixels" in done.err
    # The budget is one at that size, and the winner's file says so.
    assert read_study(tmp_path / "study").spec.resolution == 48
    exported = say("search", "export", "study", "--retrain", "recipe.toml")
    assert exported.code == 0, exported.err
    cost = document(say("cost", "net.toml", "--json"))
    assert cost["resolution"] == 48
    assert 0.99 * 30e6 <= cost["macs"] <= 30e6
    record = read_record(Record, tmp_path / "study/winner/record.json")
    assert record.spec.resolution == 48


def test_a_budget_below_the_smallest_network_names_the_resolution(
    say: Say, photos: Path
) -> None:
    search = ("search", "run", "--data", "photos", "--macs", "20M", "--trials", "1")

    refused = say(*search, "--recipe", "recipe.toml")

    # Image files of no stated size are cut to 224 pixels.
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert "search_18 needs at least" in refused.err
    assert " macs at 224 px" in refused.err
    assert (
        "you allowed 20,000,000; raise --macs, lower --resolution, or pick a "
        "smaller network" in refused.err
    )


@pytest.mark.parametrize("asked", ["net.toml", "search_18:resolution=40"])
def test_a_spec_file_or_a_control_gives_the_size_of_files(
    asked: str, say: Say, photos: Path, tmp_path: Path
) -> None:
    (tmp_path / "net.toml").write_text(
        'network = "search_18"\n[controls]\nresolution = 40\n'
    )

    trained = document(
        say(
            *("train", asked, "--data", "photos", "--recipe", "recipe.toml"),
            *("--out", "run", "--json"),
        )
    )

    assert trained["macs"] == cost_of(network("search_18").with_classes(2), 40).macs


def test_weights_may_go_on_at_another_resolution(
    say: Say, photos: Path, tmp_path: Path
) -> None:
    asked = ("--data", "photos", "--recipe", "recipe.toml")
    say("train", "search_18", "--resolution", "32", *asked, "--out", "small")
    weights = "small/seed-0/network.safetensors"

    document(
        say(
            *("train", weights, *asked, "--resolution", "40", "--json"),
            *("--out", "large"),
        )
    )
    judged = document(
        say(
            *("evaluate", weights, "--data", "photos", "--resolution", "40", "--json"),
        )
    )

    # The same weights on the same images: before the first step, and in a verdict.
    record = read_record(Record, tmp_path / "large/seed-0/record.json")
    assert record.spec.resolution == judged["contract"]["height"] == 40
    assert record.start_accuracy == judged["accuracy"]


@pytest.mark.parametrize(
    "typed",
    [
        "train search_18 --epochs 1 --train-subset 64 --out run",
        "search run --macs 500k --trials 1 --seeds 1 --epochs 1 --train-subset 64",
        "evaluate search_18:in_channels=1,num_classes=10,resolution=8",
    ],
)
def test_data_of_its_own_size_says_that_it_is_resized(typed: str, say: Say) -> None:
    done = say(*typed.split(), "--data", "digits", "--resolution", "12")

    assert done.code == 0, done.err
    said = "the images of digits are of 8 pixels; they are resized to 12"
    assert done.err.count(said) == 1
