"""One training that a search asks for, as data, and the record that it left."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rexpand.recipe import DetectorTrialRecipe, Recipe
from rexpand.records import ExperimentFolder, Record, Workers, outcomes, read_record
from rexpand.records.record import RECORD, forget_states
from rexpand.spec import DetectorSpec, NetworkSpec


class StudyProgress(Protocol):
    """Hears of the trials of a study."""

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        """The search starts, or goes on with so many trials finished.

        Each is of `seeds` trainings.
        """

    def end_trial(self, number: int, accuracy: float | None) -> None:
        """A trial is over, at an accuracy in percent; None if it was pruned."""


class SearchProgress(StudyProgress, Protocol):
    """Hears of the trials of a search, and of what happens to them."""

    def fail_trial(self, number: int, reason: str) -> None:
        """A trial is over without an accuracy, and the study goes on."""

    def tell(self, message: str) -> None:
        """Something happened that is no failure, such as a trial that another driver has."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights that begin a training or teach it: a checkpoint, and where they are from."""

    file: Path
    origin: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """One network to train for one seed, to the end or to `until_epoch`.

    `trial` names the trial or the network in messages, as in "trial 3". The images are
    found by the data set's name and fed at the resolution of the spec, `train_subset` of
    them (0 for all), besides those that the recipe holds out. `folder` keeps state,
    weights and record. It begins with `weights`, or else with fresh ones; the network of
    `teacher` teaches it beside the labels. With
    `allow_change` one that was begun by another recipe goes on by this one. With
    `spares_memory` maps are computed again in the backward pass, and not kept, which
    gives the same bits on a CPU. Where there is a `detector`, it is trained on the
    network, by a recipe of detectors.
    """

    trial: str
    spec: NetworkSpec
    recipe: Recipe | DetectorTrialRecipe
    seed: int
    data: str
    data_root: Path | None
    train_subset: int
    subset_seed: int
    folder: Path
    until_epoch: int | None = None
    weights: Weights | None = None
    teacher: Weights | None = None
    allow_change: bool = False
    spares_memory: bool = False
    detector: DetectorSpec | None = None

    def __str__(self) -> str:
        return f"{self.trial}, seed {self.seed}"

    @property
    def network_recipe(self) -> Recipe:
        """The recipe of a task that trains a classifier."""
        assert isinstance(self.recipe, Recipe)
        return self.recipe


def finished_record(task: Task) -> Record | None:
    """The record that a finished training left in its folder."""
    path = task.folder / RECORD
    return read_record(Record, path) if path.exists() else None


def settled_record(task: Task) -> Record | None:
    """The same for who works in the folder: states that a kill left are deleted."""
    record = finished_record(task)
    if record is not None:
        forget_states(task.folder)
    return record


def finished_records(tasks: Iterable[Task]) -> list[Record]:
    """The records of those tasks that are finished, in the order of the tasks."""
    found = (finished_record(task) for task in tasks)
    return [record for record in found if record is not None]


Trained = TypeVar("Trained", Record, Record | None)


def trained(
    folder: ExperimentFolder[Any],
    tasks: Sequence[Task],
    workers: Workers[Task, Trained],
    progress: StudyProgress,
) -> Iterator[tuple[Task, Trained]]:
    """Run the tasks of an experiment that have no record yet; what each gives as it comes.

    Raises StudyError if another process is at work in the folder.
    """

    def begin(tasks: int, finished: int) -> None:
        progress.begin(trials=tasks, finished=finished, seeds=1)

    for number, record in outcomes(folder, tasks, settled_record, workers, begin):
        progress.end_trial(number, record.accuracy if record else None)
        yield tasks[number], record
