"""The training of a detector is foretold, followed, and gone on with by another recipe."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from forecasts import Told, ticking
from rexpand.data.detection import DetectionData
from rexpand.errors import StudyError
from rexpand.recipe import SGD, DetectionRecipe
from rexpand.records import DetectionRecord, read_record
from rexpand.train import Interval, Listeners, Silence
from rexpand.train.checkpoints import StateFiles
from rexpand.train.foretelling import Foretelling
from rexpand.train.processes import ALONE
from rexpand.train.tracking import Runs, Tracked
from rexpand.transfer.detection import (
    DetectionProgress,
    plan_detector,
    train_detector,
)
from rexpand.transfer.detection.design import DetectionDesign
from rexpand.transfer.detection.epoch import with_epoch
from rexpand.transfer.detection.metrics import DETECTOR_TRAINING
from rexpand.transfer.detection.run import DetectionRun, prepared
from rexpand.transfer.detection.state import Done
from shapes import SHORT, shapes, small_detector

SELDOM = replace(SHORT, epochs=5, judge_every=2)  # after epochs 2, 4 and 5


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DetectionData:
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


def trained(
    data: DetectionData,
    folder: Path,
    recipe: DetectionRecipe,
    progress: DetectionProgress | None = None,
    allow_change: bool = False,
) -> DetectionRecord:
    torch.manual_seed(0)
    return train_detector(
        small_detector("ssdlite"),
        data,
        recipe,
        folder=folder,
        progress=progress,
        checkpoint_every=Interval(steps=1),
        allow_change=allow_change,
    )


class StopAt(Silence):
    """Stops the training in a step, counted from 1, as Ctrl-C does; epochs have two."""

    def __init__(self, step: int) -> None:
        self._left = step

    def advance(self, images: int) -> None:
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt


def ready(data: DetectionData, recipe: DetectionRecipe) -> DetectionRun:
    torch.manual_seed(0)
    detector = small_detector("ssdlite")
    design = DetectionDesign(
        spec=detector.spec,
        recipe=recipe,
        seed=0,
        data=data.name,
        class_names=data.class_names,
        images=len(data.train),
        data_fingerprint=data.fingerprint,
    )
    return prepared(design, data, detector)


@pytest.fixture(scope="module")
def followed(data: DetectionData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of five epochs that was stopped in the third."""
    folder = tmp_path_factory.mktemp("followed") / "run"
    with pytest.raises(KeyboardInterrupt):
        trained(data, folder, SELDOM, StopAt(5))
    trained(data, folder, SELDOM)
    return folder


def test_the_table_has_every_epoch_once_and_its_measures(followed: Path) -> None:
    with (followed / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    epochs = read_record(DetectionRecord, followed / "record.json").epochs
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4, 5]
    # Where it was not judged, the place is empty.
    assert [bool(row["box_ap"]) for row in rows] == [False, True, False, True, True]
    for row, epoch in zip(rows, epochs, strict=True):
        assert float(row["loss"]) == epoch.loss
        assert row["box_ap"] == ("" if epoch.box_ap is None else str(epoch.box_ap))
        assert float(row["seconds"]) == epoch.seconds


def test_the_lines_and_the_curves_are_those_of_the_table(followed: Path) -> None:
    rows = [*map(json.loads, (followed / "metrics.jsonl").read_text().splitlines())]

    assert [(row["kind"], row["epoch"]) for row in rows] == [
        ("epoch", number) for number in range(1, 6)
    ]
    assert len([*followed.glob("events.out.tfevents.*")]) == 1


def test_tensorboard_draws_the_parts_of_the_loss(followed: Path) -> None:
    pytest.importorskip("tensorboard.backend.event_processing")
    from tensorboard.backend.event_processing import event_accumulator

    accumulator = event_accumulator.EventAccumulator(str(followed))
    accumulator.Reload()

    drawn = set(accumulator.Tags()["scalars"])
    assert {"epoch/loss", "epoch/box_ap", "loss/classification"} <= drawn
    points = accumulator.Scalars("epoch/box_ap")
    assert [point.step for point in points] == [2, 4, 5]


def test_a_long_training_is_told_of_after_a_few_steps(data: DetectionData) -> None:
    recipe = replace(SHORT, epochs=50, batch_size=2, judge_every=10)
    run, told = ready(data, recipe), Told()
    foretelling = Foretelling(run, told, ticking(10.0))
    foretelling.begin("ssdlite", epochs=50, epoch=0, images=8)

    for _ in range(7):
        foretelling.advance(2)

    # Five steps of ten seconds are timed; judging the three images takes a tick.
    [forecast] = told.forecasts
    assert (forecast.measured_steps, forecast.evaluations) == (5, 5)
    assert forecast.seconds == pytest.approx(50 * 4 * 10.0 + 5 * 10.0)


def test_an_epoch_that_is_not_judged_is_foretold_with_some_judging(
    data: DetectionData,
) -> None:
    run, told = ready(data, SELDOM), Told()
    foretelling = Foretelling(run, told, ticking(0.01))
    foretelling.begin("ssdlite", epochs=5, epoch=0, images=8)
    foretelling.advance(4)
    foretelling.advance(4)

    foretelling.end_epoch(None)

    [forecast] = told.forecasts
    assert forecast.evaluations == 3
    assert forecast.evaluation_seconds == pytest.approx(0.01)


@pytest.mark.kernels
def test_being_told_of_changes_no_bit(data: DetectionData, tmp_path: Path) -> None:
    recipe = replace(SHORT, epochs=1, batch_size=2)
    files = StateFiles(tmp_path, Interval(), ALONE)
    quiet, foretold, told = ready(data, recipe), ready(data, recipe), Told()

    with_epoch(quiet, Done(), Silence(), files)
    foretelling = Foretelling(foretold, told, ticking(30.0))
    foretelling.begin("ssdlite", epochs=1, epoch=0, images=8)
    foretelling.advance(2)
    foretelling.advance(2)
    foretelling.advance(2)
    with_epoch(foretold, Done(), foretelling, files)

    assert told.forecasts  # so it was judged in between
    theirs = foretold.network.state_dict()
    for name, tensor in quiet.network.state_dict().items():
        assert torch.equal(tensor, theirs[name]), name


def test_a_plan_says_what_a_training_takes(data: DetectionData) -> None:
    forecast = plan_detector(small_detector("ssdlite"), data, SELDOM)

    assert (forecast.epochs, forecast.evaluations) == (5, 3)
    assert forecast.steps_per_epoch == 2
    assert forecast.seconds > 0
    assert forecast.fits


def test_a_training_goes_on_with_another_recipe_where_that_is_allowed(
    data: DetectionData, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(data, tmp_path, SHORT, StopAt(2))
    slower = replace(SHORT, epochs=3, optimizer=SGD(learning_rate=0.005))
    with pytest.raises(StudyError, match="allow the change"):
        trained(data, tmp_path, slower)

    record = trained(data, tmp_path, slower, allow_change=True)

    assert record.recipe == slower
    assert len(record.epochs) == 3
    # Stopped before the state of the second step was written.
    assert [(c.field, c.before, c.after, c.epoch, c.step) for c in record.changes] == [
        ("epochs", "2", "3", 0, 1),
        ("optimizer.learning_rate", "0.01", "0.005", 0, 1),
    ]
    assert record.epochs[-1].learning_rate == 0.005


def test_fewer_epochs_than_are_done_and_other_batches_are_refused(
    data: DetectionData, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(data, tmp_path, SELDOM, StopAt(6))

    with pytest.raises(StudyError, match="epochs 1 is less than the 3 that are done"):
        trained(data, tmp_path, replace(SELDOM, epochs=1), allow_change=True)
    with pytest.raises(StudyError, match=r"recipe\.batch_size is 4, asked for 2"):
        trained(data, tmp_path, replace(SELDOM, batch_size=2), allow_change=True)


def test_a_training_whose_last_epoch_was_not_judged_ends_with_its_measures(
    data: DetectionData, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(data, tmp_path, SELDOM, StopAt(7))

    record = trained(data, tmp_path, replace(SELDOM, epochs=3), allow_change=True)

    # Three epochs were done, and there is nothing to train.
    assert [epoch.box_ap is None for epoch in record.epochs] == [True, False, False]
    assert record.epochs[-1].box_ap == record.scores.box_ap
    last = (tmp_path / "metrics.csv").read_text().splitlines()[-1]
    assert last.split(",")[2] == str(record.scores.box_ap)


@pytest.mark.slow
def test_mlflow_has_every_epoch_once(
    data: DetectionData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.chdir(tmp_path)
    folder, alarms = tmp_path / "run", list[str]()

    def tracked() -> Tracked[Any]:
        return Tracked("mlflow", folder, alarms.append, DETECTOR_TRAINING)

    with pytest.raises(KeyboardInterrupt):
        trained(data, folder, SELDOM, Listeners((tracked(), StopAt(5))))
    record = trained(data, folder, SELDOM, tracked())

    run = read_record(Runs, folder / "tracking.json").runs["mlflow"]
    client = mlflow.MlflowClient()
    points = client.get_metric_history(run, "loss")
    assert alarms == []
    assert [point.step for point in points] == [1, 2, 3, 4, 5]
    assert [point.value for point in points] == [each.loss for each in record.epochs]
    found = client.get_run(run)
    assert found.data.params["detector"] == "ssdlite"
    assert found.data.params["recipe.judge_every"] == "2"
