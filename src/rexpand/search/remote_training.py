"""Trainings on machines that may have none of the driver's files.

Where a worker sees the folder of a training, it works in there, as a process of the
driver's machine does. Elsewhere it works in a folder of its own, and all files come back
with the record; a training that moves to another machine then begins again from the
files that the driver has, which gives the same bits.
"""

import secrets
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rexpand.data.dataset import DataSet
from rexpand.errors import MistakeError
from rexpand.memory import return_freed_memory
from rexpand.records import is_at_work, write_atomic
from rexpand.records.files import TORN, make_folder, writing
from rexpand.records.record import RECORD, forget_states
from rexpand.search.shared_data import SharedData
from rexpand.search.task import Task, Weights
from rexpand.search.told import Event, Telling
from rexpand.search.trainer import Trainer
from rexpand.search.worker import NETWORKS, evaluate
from rexpand.workers.scratch import scratch_folder

_LIBRARIES = ("rexpand", "torch", "numpy")
_PATIENCE = 60.0  # seconds for who had the task before to let go of its folder
_LOOK_AGAIN = 0.2


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A task as it travels.

    Its folder is shared with whoever finds the `mark` beside it. `files` are those in
    there, `versions` those of the driver's libraries.
    """

    task: Task
    mark: str
    files: Mapping[str, bytes]
    versions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock:
    """What many trainings work with: images, where they are arrays, and weights."""

    data: SharedData | None
    weights: NDArray[np.uint8] | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A record, and the files that are not in the driver's folder."""

    record: Any
    files: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class RemoteTraining:
    """How trainings are done on other machines, a `workers.Remote`."""

    threads: int
    trainer: Trainer[Any] = NETWORKS

    def finished(self, task: Task) -> Any:
        return self.trainer.finished(task)

    def stock_of(self, task: Task) -> Hashable:
        return (
            task.data,
            task.data_root,
            task.spec.side,
            task.train_subset,
            task.recipe.validation,
            task.subset_seed,
            task.weights and task.weights.file,
        )

    def stock(self, task: Task) -> Stock:
        weights = None
        if task.weights:
            weights = np.frombuffer(task.weights.file.read_bytes(), dtype=np.uint8)
        return Stock(data=self.trainer.shared(task), weights=weights)

    @contextmanager
    def packed(self, task: Task) -> Iterator[Parcel]:
        task = _placed(task)
        mark = f".{secrets.token_hex(16)}{TORN}"
        path = task.folder.parent / mark
        with writing(path):
            make_folder(path.parent)
            path.touch()
        try:
            yield Parcel(
                task=task, mark=mark, files=_files(task.folder), versions=_versions()
            )
        finally:
            path.unlink(missing_ok=True)

    def do(self, parcel: Parcel, stock: Stock, tell: Callable[[Event], None]) -> Answer:
        return_freed_memory()
        torch.set_num_threads(self.threads)
        _check_versions(parcel.versions)
        data = stock.data.data_set() if stock.data else None
        task = parcel.task
        if (task.folder.parent / parcel.mark).exists():
            _wait_for_lock(task.folder)
            return Answer(record=self._record(task, tell, data), files={})
        with _unpacked(parcel, stock) as task:
            record = self._record(task, tell, data)
            return Answer(record=record, files=_files(task.folder))

    def unpacked(self, task: Task, answer: Answer) -> Any:
        # The record comes last: it says that the rest is there.
        for name in sorted(answer.files, key=lambda name: name == RECORD):
            write_atomic(task.folder / name, answer.files[name])
        if RECORD in answer.files:
            forget_states(task.folder)
        return answer.record

    def _record(
        self, task: Task, tell: Callable[[Event], None], data: DataSet | None
    ) -> Any:
        return evaluate(task, Telling(tell), data, self.trainer)


def _placed(task: Task) -> Task:
    """The task with paths that hold in every folder."""
    weights = task.weights
    if weights:
        weights = replace(weights, file=weights.file.absolute())
    teacher, root = task.teacher, task.data_root
    return replace(
        task,
        folder=task.folder.absolute(),
        data_root=root and root.absolute(),
        weights=weights,
        teacher=teacher and replace(teacher, file=teacher.file.absolute()),
    )


@contextmanager
def _unpacked(parcel: Parcel, stock: Stock) -> Iterator[Task]:
    """The task in a folder of this machine, with its files, until it is done."""
    place = scratch_folder("training")
    try:
        folder, weights = place / parcel.task.folder.name, parcel.task.weights
        for name, content in parcel.files.items():
            write_atomic(folder / name, content)
        if weights:
            assert stock.weights is not None
            file = place / f"weights{weights.file.suffix}"
            file.write_bytes(stock.weights.tobytes())
            weights = Weights(file=file, origin=weights.origin)
        yield replace(parcel.task, folder=folder, weights=weights)
    finally:
        rmtree(place, ignore_errors=True)


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a training's folder, without its lock."""
    if not folder.is_dir():
        return {}
    found: dict[str, bytes] = {}
    for path in folder.iterdir():
        if path.is_file() and path.suffix not in (".lock", TORN):
            with suppress(FileNotFoundError):  # the earlier of two states, meanwhile
                found[path.name] = path.read_bytes()
    return found


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES}


def _check_versions(driver: Mapping[str, str]) -> None:
    """Raise MistakeError if this machine has other versions than the driver's."""
    here = _versions()
    for name, wanted in driver.items():
        if here[name] != wanted:
            raise MistakeError(
                f"a machine of the cluster has {name} {here[name]}, and the driver's has "
                f"{wanted}; install the same versions on all of them"
            )


def _wait_for_lock(folder: Path) -> None:
    """Let a worker go that lost its connection and trains on for a moment."""
    deadline = time.monotonic() + _PATIENCE
    while is_at_work(folder) and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN)
