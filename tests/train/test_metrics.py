"""The metric files of a training say the same as its record, wherever it was stopped."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.recipe import RECIPES
from rexpand.records import Epoch, Record, read_record
from rexpand.spec import network
from rexpand.train import Interval, Silence, train
from rexpand.train.metric_rows import NETWORK_ROWS
from rexpand.train.metrics import metric_files
from rexpand.train.progress import Steps

SPEC = network("search_18")
# 300 images in batches of 5: 60 steps an epoch, so that the fiftieth is told.
RECIPE = replace(RECIPES["digits"].with_epochs(3), batch_size=5, watch_rank=16)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """300 digits to train on, besides the 200 that the recipe holds out."""
    return replace(digits, train=stratified_subset(digits.train, 500, seed=0))


@pytest.fixture(scope="module")
def stopped(few: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that ended while a later epoch was written twice over."""
    folder = tmp_path_factory.mktemp("stopped")
    train(SPEC, RECIPE, few, folder=folder, until_epoch=1)
    before = (folder / "state.safetensors").read_bytes()
    train(SPEC, RECIPE, few, folder=folder, until_epoch=2)
    # As by a kill after the second epoch was told, and before its state was written,
    # inside the writing of a step.
    (folder / "state.safetensors").write_bytes(before)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "steps", "st')
    train(SPEC, RECIPE, few, folder=folder)
    return folder


def epochs_of(folder: Path) -> tuple[Epoch, ...]:
    return read_record(Record, folder / "record.json").epochs


def test_the_table_has_every_epoch_once(stopped: Path) -> None:
    with (stopped / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    epochs = epochs_of(stopped)
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    for row, epoch in zip(rows, epochs, strict=True):
        # Written so that every bit comes back.
        assert float(row["loss"]) == epoch.loss
        assert float(row["accuracy"]) == epoch.accuracy
        assert float(row["held_out_loss"]) == epoch.held_out_loss
        assert float(row["learning_rate"]) == epoch.learning_rate
        assert float(row["images_per_second"]) == epoch.images_per_second
        assert float(row["seconds"]) == epoch.seconds


def test_the_lines_have_steps_and_epochs_in_their_order(stopped: Path) -> None:
    text = (stopped / "metrics.jsonl").read_text()
    rows = [json.loads(line) for line in text.splitlines()]

    # 180 steps of 3 epochs: each fiftieth, before the epoch that it is part of.
    assert [(row["kind"], row["epoch"], row.get("step")) for row in rows] == [
        ("steps", 1, 50),
        ("epoch", 1, None),
        ("steps", 2, 100),
        ("epoch", 2, None),
        ("steps", 3, 150),
        ("epoch", 3, None),
    ]


def test_tensorboard_reads_the_same(stopped: Path) -> None:
    reading = pytest.importorskip("tensorboard.backend.event_processing")
    from tensorboard.backend.event_processing import event_accumulator

    assert reading
    accumulator = event_accumulator.EventAccumulator(str(stopped))
    accumulator.Reload()

    drawn = {tag: accumulator.Scalars(tag) for tag in accumulator.Tags()["scalars"]}
    epochs = epochs_of(stopped)
    for name in ("loss", "accuracy", "held_out_loss", "learning_rate", "seconds"):
        points = drawn[f"epoch/{name}"]
        assert [point.step for point in points] == [1, 2, 3]
        # An event holds single precision.
        values = [getattr(epoch, name) for epoch in epochs]
        assert [point.value for point in points] == pytest.approx(values, rel=2**-23)
    assert [point.step for point in drawn["steps/loss"]] == [50, 100, 150]
    assert len(drawn["effective_rank/stem"]) == 3


def test_the_loss_of_steps_is_their_mean(few: DataSet, tmp_path: Path) -> None:
    train(SPEC, replace(RECIPE.with_epochs(1), batch_size=6), few, folder=tmp_path)

    first, last = (tmp_path / "metrics.jsonl").read_text().splitlines()
    # An epoch of 50 steps: the mean of its steps is that of the epoch.
    assert json.loads(first)["loss"] == pytest.approx(json.loads(last)["loss"])


class _StopsAt(Silence):
    """Ends the process, as far as the training knows, when so many images were seen."""

    def __init__(self, images: int) -> None:
        self._left = images

    def advance(self, images: int) -> None:
        self._left -= images
        if self._left == 0:
            raise KeyboardInterrupt


def test_a_training_that_goes_on_inside_an_epoch_keeps_its_steps(
    few: DataSet, tmp_path: Path
) -> None:
    recipe = replace(RECIPE.with_epochs(1), batch_size=2)  # 150 steps
    kept = Interval(steps=70)

    with pytest.raises(KeyboardInterrupt):
        train(
            SPEC,
            recipe,
            few,
            folder=tmp_path,
            progress=_StopsAt(2 * 130),
            checkpoint_every=kept,
        )
    train(SPEC, recipe, few, folder=tmp_path)

    # Stopped at step 130, it goes on from the state of step 70; the row of step 100 is
    # written again.
    rows = map(json.loads, (tmp_path / "metrics.jsonl").read_text().splitlines())
    assert [row.get("step") for row in rows] == [50, 100, 150, None]


def test_a_damaged_line_costs_the_steps_after_it_alone(
    stopped: Path, tmp_path: Path
) -> None:
    lines = (stopped / "metrics.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "metrics.jsonl").write_text("".join([*lines[:2], "?\n", *lines[2:]]))

    with metric_files(tmp_path, epochs_of(stopped), 180, NETWORK_ROWS):
        pass

    rows = map(json.loads, (tmp_path / "metrics.jsonl").read_text().splitlines())
    kinds = [(row["kind"], row["epoch"]) for row in rows]
    assert kinds == [("steps", 1), ("epoch", 1), ("epoch", 2), ("epoch", 3)]


def test_a_training_tells_several_of_the_same(few: DataSet, tmp_path: Path) -> None:
    class Hearing(Silence):
        def __init__(self) -> None:
            self.steps: list[Steps] = []
            self.epochs: list[Epoch] = []

        def end_steps(self, steps: Steps) -> None:
            self.steps.append(steps)

        def end_epoch(self, epoch: Epoch) -> None:
            self.epochs.append(epoch)

    hearing = Hearing()

    record = train(SPEC, RECIPE.with_epochs(2), few, folder=tmp_path, progress=hearing)

    assert tuple(hearing.epochs) == record.epochs
    assert [(each.step, each.epoch) for each in hearing.steps] == [(50, 0), (100, 1)]
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 1 + 2
