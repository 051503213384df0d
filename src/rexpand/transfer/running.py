"""A fine-tuning runs: the grid, the choice, the seeds; kill-safe."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from rexpand.codec import to_document
from rexpand.errors import DivergedError, RunError
from rexpand.records import FineTuningSummary, Record, Workers, write_atomic
from rexpand.search.task import StudyProgress, Task, trained
from rexpand.transfer.design import (
    FineTuning,
    finetuning_folder,
    grid_tasks,
    seed_tasks,
)
from rexpand.transfer.summary import summarise_finetuning

SUMMARY = "summary.json"
SomeWorkers = Callable[[], Workers[Task, Record]]


def run_finetuning(
    design: FineTuning,
    folder: str | Path,
    workers: SomeWorkers,
    progress: StudyProgress,
    data_root: str | Path | None = None,
) -> FineTuningSummary:
    """Try every rate, and train the seeds at the best, from wherever the folder stands.

    `workers` are asked for twice. Raises RunError if every rate diverges, and StudyError
    if another process is at work in the folder.
    """
    folder = Path(folder)
    place = finetuning_folder(folder)
    diverged: list[Task] = []
    if grid := grid_tasks(design, folder, data_root):
        for task, record in trained(place, grid, Tolerant(workers()), progress):
            if record is None:
                diverged.append(task)
            _leave_summary(design, folder, diverged)
    rate = summarise_finetuning(design, folder, diverged).learning_rate
    if rate is None:
        raise RunError(
            f"training diverges at all {len(design.rates)} learning rates from "
            f"{design.rates[0]:g}; give lower ones"
        )
    seeds = seed_tasks(design, rate, folder, data_root)
    for _ in trained(place, seeds, workers(), progress):
        _leave_summary(design, folder, diverged)
    return _leave_summary(design, folder, diverged)


def _leave_summary(
    design: FineTuning, folder: Path, diverged: Sequence[Task]
) -> FineTuningSummary:
    summary = summarise_finetuning(design, folder, diverged)
    write_atomic(folder / SUMMARY, to_document(summary))
    return summary


class Tolerant(AbstractContextManager["Tolerant"]):
    """Workers for which a training that diverges is no failure: its result is None.

    A rate that is too high is what a grid is there to find.
    """

    def __init__(self, workers: Workers[Task, Record]) -> None:
        self._workers, self.slots = workers, workers.slots

    def submit(self, task: Task) -> "Future[Record | None]":
        found: Future[Record | None] = Future()

        def pass_on(done: "Future[Record]") -> None:
            try:
                found.set_result(done.result())
            except DivergedError:
                found.set_result(None)
            except BaseException as error:
                found.set_exception(error)

        try:
            self._workers.submit(task).add_done_callback(pass_on)
        except DivergedError:  # in this process
            found.set_result(None)
        return found

    def __enter__(self) -> Self:
        self._workers.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._workers.__exit__(*exception)
