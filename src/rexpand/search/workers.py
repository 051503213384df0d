"""Where trainings run. One process, several or a cluster differ in this one object."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

import torch

from rexpand.memory import return_freed_memory
from rexpand.records import Record, Workers
from rexpand.search.task import Task
from rexpand.search.told import Event, Telling, replay
from rexpand.search.worker import evaluate
from rexpand.train import Progress, Silence
from rexpand.workers import Processes


class Watch(Protocol):
    """Sees the trainings of several slots, numbered from 0."""

    def training(self, slot: int, task: Task) -> Progress:
        """Who hears of a training that runs in a slot from now on."""


class Nobody:
    """Sees nothing, neither trainings nor trials."""

    def begin(self, *, trials: int, finished: int, seeds: int) -> None: ...

    def end_trial(self, number: int, accuracy: float | None) -> None: ...

    def training(self, slot: int, task: Task) -> Progress:
        return Silence()


class InProcess(AbstractContextManager["InProcess"]):
    """Runs each task at once in this process."""

    slots = 1

    def __init__(self, watch: Watch | None = None) -> None:
        self._watch = watch or Nobody()

    def submit(self, task: Task) -> "Future[Record]":
        future: Future[Record] = Future()
        future.set_result(evaluate(task, self._watch.training(0, task)))
        return future

    def __exit__(self, *_: object) -> None: ...


def processes(slots: int, watch: Watch | None = None) -> Processes[Task, Record]:
    """Runs `slots` tasks at a time, each in a process with its share of the cores."""
    seen = watch or Nobody()

    def told(slot: int, task: Task, event: Event) -> None:
        replay(event, seen.training(slot, task))

    def died(slot: int, task: Task, cause: str) -> None:
        seen.training(slot, task).alarm(
            f"{task}: its process ended ({cause}); a fresh one goes on"
        )

    threads = max(1, torch.get_num_threads() // slots)
    begin = partial(_begin, threads)
    return Processes(slots, _evaluate, begin=begin, told=told, died=died)


def workers_for(jobs: int, watch: Watch | None = None) -> Workers[Task, Record]:
    """What runs `jobs` trainings at a time."""
    return InProcess(watch) if jobs == 1 else processes(jobs, watch)


def _evaluate(task: Task, tell: Callable[[Event], None]) -> Record:
    return evaluate(task, Telling(tell))


def _begin(threads: int) -> None:
    """Set up a worker's process."""
    return_freed_memory()
    torch.set_num_threads(threads)
