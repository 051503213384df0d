"""Weights & Biases and MLflow follow a training, and never stop it."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import OutputError, UnknownNameError
from rexpand.recipe import RECIPES
from rexpand.records import read_record
from rexpand.train import train
from rexpand.train.trackers import tracker
from rexpand.train.tracking import NETWORK_TRAINING, Runs, Tracked

RECIPE = RECIPES["digits"].with_epochs(2)


@pytest.fixture
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 300, seed=0))


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of the person says where a service is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (
        *("WANDB_MODE", "WANDB_API_KEY", "WANDB_BASE_URL", "NETRC"),
        *("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"),
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "package", "said"),
    [
        ("wandb", "wandb", "has no key here; run `wandb login`, or set WANDB_MODE"),
        ("mlflow", "mlflow", "has no place here; set MLFLOW_TRACKING_URI"),
    ],
)
def test_a_service_that_is_not_set_up_is_refused_at_once(
    nowhere: None, name: str, package: str, said: str
) -> None:
    pytest.importorskip(package)

    with pytest.raises(OutputError, match=said):
        tracker(name)


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'mlfow'; the nearest are mlflow"):
        tracker("mlfow")


@pytest.mark.slow
def test_mlflow_has_every_epoch_once(
    nowhere: None, few: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.chdir(tmp_path)
    folder, alarms = tmp_path / "run", list[str]()

    for last in (1, 2):  # stopped, and gone on with
        followed = Tracked("mlflow", folder, alarms.append, NETWORK_TRAINING)
        record = train(
            "search_18", RECIPE, few, folder=folder, progress=followed, until_epoch=last
        )

    run = read_record(Runs, folder / "tracking.json").runs["mlflow"]
    client = mlflow.MlflowClient()
    points = client.get_metric_history(run, "accuracy")
    assert alarms == []
    assert [point.step for point in points] == [1, 2]
    assert [point.value for point in points] == [e.accuracy for e in record.epochs]
    found = client.get_run(run)
    assert found.data.params["recipe.schedule.kind"] == "cosine"
    assert found.info.status == "FINISHED"


@pytest.mark.slow
def test_a_tracker_that_fails_is_one_alarm(
    nowhere: None, few: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://nowhere")
    alarms = list[str]()
    followed = Tracked("mlflow", tmp_path / "run", alarms.append, NETWORK_TRAINING)

    record = train("search_18", RECIPE, few, folder=tmp_path / "run", progress=followed)

    assert len(record.epochs) == 2
    assert len(alarms) == 1
    assert alarms[0].startswith("mlflow hears no more of this training: ")
