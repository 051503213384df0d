"""Designed trainings, one after the other, from wherever their folder stands."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path

from rexpand.records import Record
from rexpand.search.driver import StudyProgress
from rexpand.search.journal import locked
from rexpand.search.worker import Task
from rexpand.search.workers import Workers


def trained(
    tasks: Iterable[Task], folder: Path, workers: Workers, progress: StudyProgress
) -> Iterator[Record]:
    """Run the tasks that have no record yet; each one's record as it comes.

    Raises StudyError if another process is at work in the folder.
    """
    every = list(tasks)
    with locked(folder), workers:
        left = [task for task in every if read_record(task.folder) is None]
        progress.begin(trials=len(every), finished=len(every) - len(left))
        for task, record in _in_turn(left, workers):
            progress.end_trial(every.index(task), record.accuracy)
            yield record


def read_record(folder: Path) -> Record | None:
    """The record that a finished training left in its folder."""
    path = folder / "record.json"
    if not path.exists():
        return None
    return Record.from_json(path.read_text(encoding="utf-8"))


def _in_turn(tasks: list[Task], workers: Workers) -> Iterator[tuple[Task, Record]]:
    """Each task with its record as it comes, every slot of the workers kept busy."""
    waiting = iter(tasks)
    flying: dict[Future[Record], Task] = {}
    while True:
        while len(flying) < workers.slots and (task := next(waiting, None)):
            flying[workers.submit(task)] = task
        if not flying:
            return
        done, _ = wait(flying, return_when=FIRST_COMPLETED)
        for future in done:
            yield flying.pop(future), future.result()
