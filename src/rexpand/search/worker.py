"""What a worker does: one pure function from a task to a record."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import torch

from rexpand.data.dataset import DataSet, with_train_subset
from rexpand.data.load import load
from rexpand.errors import MemoryExceededError
from rexpand.records import Record
from rexpand.search.task import Task, Weights, settled_record
from rexpand.spec import Source
from rexpand.train import Progress, Silence, Start, start_from, train


def evaluate(
    task: Task, progress: Progress | None = None, data: DataSet | None = None
) -> Record:
    """Train as the task says, or read the record of a task that is done.

    The task's images are `data`, or are loaded. Raises MemoryExceededError where the
    memory of a GPU does not suffice.
    """
    finished = settled_record(task)
    if finished:
        (progress or Silence()).end()
        return finished
    try:
        return train(
            task.spec,
            task.recipe,
            data or training_data(task),
            seed=task.seed,
            folder=task.folder,
            start=_start(task.weights, task.spec.resolution) if task.weights else None,
            progress=progress,
            until_epoch=task.until_epoch,
            allow_change=task.allow_change,
        )
    except torch.OutOfMemoryError as error:
        said = str(error).partition(". ")[0]
        raise MemoryExceededError(
            f"{task} needs more memory than its GPU has left ({said}); give a smaller "
            "batch or resolution, or run fewer at a time"
        ) from error


def training_data(task: Task) -> DataSet:
    """The data set of a task at the size of its network, loaded once per process."""
    return _loaded(
        task.data,
        task.data_root,
        task.spec.resolution,
        task.train_subset,
        task.recipe.validation,
        task.subset_seed,
    )


@lru_cache(maxsize=1)
def _start(weights: Weights, side: int) -> Start:
    found = start_from(Source(kind="checkpoint", name=str(weights.file)), side)
    return replace(found, origin=weights.origin)


@lru_cache(maxsize=2)
def _loaded(
    name: str, root: Path | None, side: int, count: int, held_out: int, seed: int
) -> DataSet:
    data = load(name, root=root, resolution=side)
    return with_train_subset(data, count, held_out=held_out, seed=seed)
