"""The search: draw configurations, train each for its seeds, keep the study.

A driver hands tasks to workers and their outcome to the study's storage, which sees no
worker and draws no sample. Whatever is killed, the next driver finds in the storage what
is done, and in the trials' folders how far the rest is. A trial that fails is marked with
its reason, and the study goes on.
"""

import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from rexpand.records import Workers, in_turn
from rexpand.search.course import Course, Running, mean
from rexpand.search.design import StudyDesign
from rexpand.search.failures import (
    LOOKED_AT,
    Failure,
    Surviving,
    all_failed,
    check_hopeful,
)
from rexpand.search.queueing import queue
from rexpand.search.result import TrialRecord
from rexpand.search.storage import LEASE_SECONDS
from rexpand.search.stored import storage_of
from rexpand.search.task import SearchProgress, Task

SomeRecord = TypeVar("SomeRecord", bound=TrialRecord)

_PAUSE = 1.0  # seconds between two looks at what other drivers leave


def search(
    design: StudyDesign,
    folder: str | Path,
    workers: Workers[Task, SomeRecord],
    progress: SearchProgress,
    data_root: str | Path | None = None,
    *,
    lease: float = LEASE_SECONDS,
    retry_failed: bool = False,
) -> None:
    """Run a study to its end, from wherever its folder and its storage stand.

    In a database it may have several drivers, each with its own folder or in a shared
    one; a trial of a driver that is not heard of for `lease` seconds goes to another.
    With `retry_failed` the trials that failed earlier are run again.
    Raises RunError if the first trials, or many in a row, or all of them fail,
    StudyError if another driver is at work in the folder of a study that is not
    in a database, StorageError and OutputError as its storage does, BudgetError and
    DataError as `sample` and `load` do.
    """
    data_root = None if data_root is None else Path(data_root)
    folder = Path(folder)
    with storage_of(folder, lease) as storage, workers:
        design = storage.join(design)
        if retry_failed:
            storage.retry_failed()
        _drive(Course(design, folder, storage, data_root, progress), workers, progress)


def _drive(
    course: Course, workers: Workers[Task, SomeRecord], progress: SearchProgress
) -> None:
    """Run every trial that is left, seed by seed, until the study is over.

    Trials of other drivers are waited for: one of them may die.
    """
    storage, seeds = course.storage, course.design.seeds
    queue(course.design, storage)
    progress.begin(
        trials=max(storage.count(), course.design.trials),
        finished=storage.finished(),
        seeds=seeds,
    )
    begun: deque[Running] = deque(maxlen=LOOKED_AT)

    def following() -> tuple[Running, Task] | None:
        pair = course.next()
        if pair and pair[0] not in begun:  # it may have waited
            begun.append(pair[0])
        return pair

    surviving: Workers[Task, SomeRecord | Failure] = Surviving(workers)
    waits_for = 0
    while True:
        for running, _ in in_turn(following, surviving, course.follow):
            _tell_end(running, seeds, progress)
            if running.failure is not None:
                _check_hopeful(course, begun)
        left = course.left()
        if not left:
            break
        if left != waits_for:
            waits_for = left
            progress.tell(
                f"waiting for other drivers; trials that are not over: {left}"
            )
        time.sleep(_PAUSE)
    if storage.failed() == storage.count():
        raise all_failed(storage.count(), begun[-1].failure if begun else None)


def _tell_end(running: Running, seeds: int, progress: SearchProgress) -> None:
    """Tell how a trial ended; one that is lost ends elsewhere, one that waits later."""
    number = running.trial.number
    if running.failure is not None:
        progress.fail_trial(number, running.failure)
    elif not running.is_lost and not running.waits:
        is_whole = len(running.results) == seeds
        found = [each.accuracy for each in running.results]
        progress.end_trial(number, mean(found) if is_whole else None)


def _check_hopeful(course: Course, begun: Iterable[Running]) -> None:
    storage = course.storage
    check_hopeful(
        [running.failure for running in begun],
        has_success=storage.finished() > storage.failed(),
    )
