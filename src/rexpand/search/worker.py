"""What a worker does: one pure function from a task to a record."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from rexpand.data.dataset import DataSet, with_train_subset
from rexpand.data.load import load
from rexpand.errors import MemoryExceededError, TooLargeError, printable
from rexpand.memory import is_exhaustion
from rexpand.recipe import Recipe
from rexpand.records import Record
from rexpand.search.shared_data import SharedData, shared
from rexpand.search.task import Task, Weights, settled_record
from rexpand.search.told import TrialProgress
from rexpand.search.trainer import Trainer
from rexpand.spec import Source
from rexpand.train import (
    Forecast,
    Silence,
    Start,
    Teacher,
    plan,
    start_from,
    teacher_from,
    train,
)
from rexpand.train.design import training_folder

_ALLOCATOR = "DefaultCPUAllocator: "  # torch's, before what it says to people


@dataclass(frozen=True, kw_only=True)
class NetworkTrainer:
    """Trains classifiers, a `Trainer`."""

    def finished(self, task: Task) -> Record | None:
        return settled_record(task)

    def shared(self, task: Task) -> SharedData | None:
        return shared(training_data(task))

    def train(
        self, task: Task, progress: TrialProgress, data: DataSet | None
    ) -> Record:
        recipe = _recipe(task)
        return train(
            task.spec,
            recipe,
            data or training_data(task),
            seed=task.seed,
            folder=task.folder,
            start=_start(task.weights, task.spec.side) if task.weights else None,
            teacher=_teacher(task.teacher) if task.teacher else None,
            progress=progress,
            until_epoch=task.until_epoch,
            allow_change=task.allow_change or recipe != task.recipe,
        )

    def plan(self, task: Task) -> Forecast:
        return plan(task.spec, task.network_recipe, training_data(task))

    def forget(self) -> None:
        forget_data()


NETWORKS = NetworkTrainer()


def evaluate(
    task: Task,
    progress: TrialProgress | None = None,
    data: DataSet | None = None,
    trainer: Trainer[Any] = NETWORKS,
) -> Any:
    """Train as the task says, or read the record of a task that is done.

    The task's images are `data`, or are loaded. The record is of the trainer's kind.
    Raises MemoryExceededError where the memory of its device does not suffice.
    """
    progress = progress or Silence()
    finished = trainer.finished(task)
    if finished:
        progress.end()
        return finished
    try:
        return trainer.train(task, progress, data)
    except TooLargeError as error:
        exceeded = f"{task}: {error}"
    except Exception as error:
        if not is_exhaustion(error):
            raise
        exceeded = (
            f"{task} needs more memory than its {_device(error)} has left "
            f"({_said(error)}); give a smaller batch or resolution, or run fewer at a time"
        )
    # Not inside of the `except`: the error's frames hold the memory that it is about.
    raise MemoryExceededError(exceeded)


def _recipe(task: Task) -> Recipe:
    """The task's recipe, with less memory where it asks for that.

    A training that went on with less before goes on so.
    """
    sparing = replace(task.network_recipe, checkpointing=True)
    place = training_folder(task.folder)
    if task.spares_memory or (place.exists() and place.read().recipe == sparing):
        return sparing
    return task.network_recipe


def _device(error: Exception) -> str:
    return "GPU" if isinstance(error, torch.OutOfMemoryError) else "machine"


def _said(error: Exception) -> str:
    """The first sentence of an error, without the place in torch's code."""
    said = str(error).rpartition(_ALLOCATOR)[2]
    return printable(said.partition(". ")[0] or type(error).__name__)


def training_data(task: Task) -> DataSet:
    """The data set of a task at the size of its network, loaded once per process."""
    return _loaded(
        task.data,
        task.data_root,
        task.spec.side,
        task.train_subset,
        task.recipe.validation,
        task.subset_seed,
    )


def forget_data() -> None:
    """Let go of the images that this process has loaded."""
    _loaded.cache_clear()


@lru_cache(maxsize=1)
def _start(weights: Weights, side: int) -> Start:
    found = start_from(Source(kind="checkpoint", name=str(weights.file)), side)
    return replace(found, origin=weights.origin)


@lru_cache(maxsize=1)
def _teacher(weights: Weights) -> Teacher:
    source = Source(kind="checkpoint", name=str(weights.file))
    return teacher_from(source, weights.origin)


@lru_cache(maxsize=2)
def _loaded(
    name: str, root: Path | None, side: int, count: int, held_out: int, seed: int
) -> DataSet:
    data = load(name, root=root, resolution=side)
    return with_train_subset(data, count, held_out=held_out, seed=seed)
