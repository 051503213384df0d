"""A run can be stopped at any moment and nothing that was done is lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rexpand.data.dataset import DataSet
from rexpand.data.split import hold_out, stratified_subset
from rexpand.errors import CheckpointError, OutputError, StudyError
from rexpand.models import load_network
from rexpand.recipe import RECIPES, SGD, AdamW, Constant, Optimizer, Recipe, RMSpropTF
from rexpand.records import Record, read_record
from rexpand.spec import network
from rexpand.train import evaluate, train
from warm.programs import Programs

SPEC = network("search_18")
RECIPE = RECIPES["digits"].with_epochs(4)
PATIENT = replace(
    RECIPES["digits"], epochs=8, patience=7, schedule=Constant(), label_smoothing=0.1
)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """300 digits to train on, besides the 200 that the recipe holds out."""
    return replace(digits, train=stratified_subset(digits.train, 500, seed=0))


@pytest.fixture(scope="module")
def undisturbed(few: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody stopped."""
    folder = tmp_path_factory.mktemp("undisturbed")
    train(SPEC, RECIPE, few, seed=0, folder=folder)
    return folder


def weights(folder: Path) -> bytes:
    return (folder / "network.safetensors").read_bytes()


@pytest.mark.kernels
def test_a_paused_run_gives_the_same_bits(
    few: DataSet, undisturbed: Path, tmp_path: Path
) -> None:
    train(SPEC, RECIPE, few, seed=0, folder=tmp_path, until_epoch=1)
    train(SPEC, RECIPE, few, seed=0, folder=tmp_path, until_epoch=3)
    train(SPEC, RECIPE, few, seed=0, folder=tmp_path)

    assert weights(tmp_path) == weights(undisturbed)


@pytest.mark.kernels
@pytest.mark.parametrize(
    "optimizer",
    [AdamW(), RMSpropTF(), SGD(momentum=0.0)],
    ids=["adamw", "rmsprop_tf", "without momentum"],
)
def test_a_paused_optimiser_gives_the_same_bits(
    optimizer: Optimizer, few: DataSet, tmp_path: Path
) -> None:
    recipe = replace(RECIPE.with_epochs(2), optimizer=optimizer)

    train(SPEC, recipe, few, seed=0, folder=tmp_path / "whole")
    train(SPEC, recipe, few, seed=0, folder=tmp_path / "paused", until_epoch=1)
    train(SPEC, recipe, few, seed=0, folder=tmp_path / "paused")

    assert weights(tmp_path / "paused") == weights(tmp_path / "whole")


@pytest.mark.kernels
def test_a_paused_run_of_every_augmentation_gives_the_same_bits(
    few: DataSet, tmp_path: Path
) -> None:
    recipe = replace(RECIPES["modern"].with_epochs(2), batch_size=32)

    train(SPEC, recipe, few, seed=0, folder=tmp_path / "whole")
    train(SPEC, recipe, few, seed=0, folder=tmp_path / "paused", until_epoch=1)
    train(SPEC, recipe, few, seed=0, folder=tmp_path / "paused")

    assert weights(tmp_path / "paused") == weights(tmp_path / "whole")


def test_the_recipe_says_how_much_is_dropped(few: DataSet, tmp_path: Path) -> None:
    recipe = replace(RECIPE.with_epochs(1), dropout=0.3, drop_path=0.1)

    record = train(SPEC, recipe, few, seed=0, folder=tmp_path)

    # Those of the network that is trained, of its record and of its checkpoint.
    loaded = load_network(tmp_path / "network.safetensors")
    for spec in (record.spec, loaded.spec):
        assert (spec.head.dropout, spec.drop_path) == (0.3, 0.1)
    assert loaded.head.dropout.p == 0.3


def test_a_recipe_without_dropout_keeps_the_networks_own(undisturbed: Path) -> None:
    record = read_record(Record, undisturbed / "record.json")

    assert record.recipe.dropout is None
    assert record.spec.head.dropout == SPEC.head.dropout


def test_a_killed_run_goes_on_and_gives_the_same_bits(
    programs: Programs, tmp_path: Path
) -> None:
    command = ["train", "search_18", "--data", "digits", "--epochs", "6"]
    command += ["--train-subset", "300", "--out"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"

    programs.succeed(*command, str(whole))
    # A fresh process: what is killed here is what users start.
    process = subprocess.Popen([sys.executable, "-m", "rexpand", *command, str(killed)])
    state = killed / "seed-0" / "state.safetensors"
    while not state.exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "seed-0" / "record.json").exists()
    programs.succeed(*command, str(killed))

    assert weights(killed / "seed-0") == weights(whole / "seed-0")


@pytest.mark.kernels
def test_training_learns(undisturbed: Path) -> None:
    record = read_record(Record, undisturbed / "record.json")

    # Ten classes: chance is 10 %. Ten seeds each under three instruction sets, and
    # with two threads, gave 59 to 78.5 % (results/demo/README.md).
    assert record.accuracy > 30
    assert record.epochs[-1].loss < record.epochs[0].loss


def test_the_record_says_what_was_trained_and_judged(
    undisturbed: Path, few: DataSet
) -> None:
    record = read_record(Record, undisturbed / "record.json")

    assert record.recipe.epochs == len(record.epochs) == 4
    # Trained on 300 images, judged by the others that the recipe holds out.
    assert record.images == 300
    assert (record.evaluated_on, record.evaluated_images) == ("validation", 200)
    # Costed with the classifier of the data's classes, at the data's resolution.
    assert record.spec.num_classes == few.num_classes
    assert record.spec.resolution == few.resolution


def test_the_weights_load_as_the_network_that_was_trained(undisturbed: Path) -> None:
    loaded = load_network(undisturbed / "network.safetensors")

    assert loaded.spec.channels == SPEC.channels
    assert torch.isfinite(loaded(torch.zeros(2, 1, 8, 8))).all()


def test_seeds_differ(few: DataSet, undisturbed: Path, tmp_path: Path) -> None:
    train(SPEC, RECIPE.with_epochs(1), few, seed=1, folder=tmp_path)

    assert weights(tmp_path) != weights(undisturbed)


def test_a_folder_of_other_settings_is_refused(few: DataSet, tmp_path: Path) -> None:
    train(SPEC, RECIPE, few, seed=0, folder=tmp_path, until_epoch=1)
    other = SPEC.with_channels((8, 8, 8, 8, 8))

    shown = r"spec.blocks\[0\].out_channels is 34, asked for 8"
    with pytest.raises(StudyError, match=f"other settings: .*{shown}"):
        train(other, RECIPE, few, seed=0, folder=tmp_path)


def test_a_finished_run_keeps_no_state_and_is_not_run_again(
    few: DataSet, undisturbed: Path, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed, tmp_path / "run")
    before = (undisturbed / "record.json").read_bytes()

    again = train(SPEC, RECIPE, few, seed=0, folder=tmp_path / "run")

    assert not [*undisturbed.glob("state*.safetensors")]
    assert again == read_record(Record, undisturbed / "record.json")
    assert (tmp_path / "run/record.json").read_bytes() == before


def test_a_truncated_state_is_refused(few: DataSet, tmp_path: Path) -> None:
    train(SPEC, RECIPE, few, seed=0, folder=tmp_path, until_epoch=1)
    state = tmp_path / "state.safetensors"
    state.write_bytes(state.read_bytes()[:-100])

    with pytest.raises(CheckpointError, match="truncated: 100 bytes are missing"):
        train(SPEC, RECIPE, few, seed=0, folder=tmp_path)


def test_a_full_disk_leaves_the_last_whole_state(
    few: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(SPEC, RECIPE, few, seed=0, folder=tmp_path, until_epoch=1)
    before = (tmp_path / "state.safetensors").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full; the file there is as it was"):
        train(SPEC, RECIPE, few, seed=0, folder=tmp_path)

    # The state of the first epoch is whole, and no temporary file is left.
    left = sorted(path.name for path in tmp_path.iterdir())
    metrics = ["metrics.csv", "metrics.jsonl"]
    assert [name for name in left if "tfevents" not in name] == [
        *("driver.lock", *metrics, "state.safetensors", "training.json"),
    ]
    assert (tmp_path / "state.safetensors").read_bytes() == before


def test_training_stops_when_nothing_gets_better(few: DataSet, tmp_path: Path) -> None:
    # A vanishing rate changes nothing, so the accuracy cannot improve for two epochs.
    recipe = replace(RECIPE, epochs=9, optimizer=SGD(learning_rate=1e-12), patience=2)

    record = train(SPEC, recipe, few, seed=0, folder=tmp_path)

    assert record.stopped_early
    assert len(record.epochs) < 9
    assert json.loads((tmp_path / "record.json").read_text())["stopped_early"]


@pytest.fixture(scope="module")
def patient(few: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run whose best epoch is not its last: its rate stays high."""
    folder = tmp_path_factory.mktemp("patient")
    train(SPEC, PATIENT, few, seed=0, folder=folder)
    return folder


def test_the_best_epoch_is_reported_and_saved(
    patient: Path, few: DataSet, tmp_path: Path
) -> None:
    record = read_record(Record, patient / "record.json")
    accuracies = [epoch.accuracy for epoch in record.epochs]

    assert record.best_epoch is not None
    assert record.best_epoch < len(record.epochs) - 1
    assert record.accuracy == max(accuracies) == accuracies[record.best_epoch]
    assert record.loss == record.epochs[record.best_epoch].held_out_loss
    # The saved weights are those of that epoch: judged again, they reach the same.
    _, held_out = hold_out(few.train, PATIENT.validation, seed=0)
    network_ = load_network(patient / "network.safetensors")
    judged = evaluate(network_, held_out, torch.device("cpu"), PATIENT.batch_size)
    assert judged.accuracy == record.accuracy


@pytest.mark.kernels
def test_a_run_that_is_paused_after_its_best_epoch_keeps_it(
    patient: Path, few: DataSet, tmp_path: Path
) -> None:
    for epoch in range(1, PATIENT.epochs):
        train(SPEC, PATIENT, few, seed=0, folder=tmp_path, until_epoch=epoch)
    train(SPEC, PATIENT, few, seed=0, folder=tmp_path)

    assert weights(tmp_path) == weights(patient)


def test_without_patience_the_last_epoch_is_kept(undisturbed: Path) -> None:
    record = read_record(Record, undisturbed / "record.json")

    # Its held-out images do not choose it.
    assert record.best_epoch is None
    assert record.accuracy == record.epochs[-1].accuracy


def test_a_last_batch_of_one_image_is_left_out(digits: DataSet, tmp_path: Path) -> None:
    # Squeeze-excite's batch norm sees one value a channel and an image.
    data = replace(digits, train=digits.train.subset(range(0, 1300, 20)))
    assert len(data.train) % 64 == 1

    record = train(
        network("rexnet_100"),
        Recipe(epochs=1, batch_size=64),
        data,
        seed=0,
        folder=tmp_path,
    )

    assert len(record.epochs) == 1
