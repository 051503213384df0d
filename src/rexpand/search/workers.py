"""Where trainings run. One process, several or a cluster differ in this one object."""

import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Protocol, TypeVar

import torch

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.memory import return_freed_memory
from rexpand.ranges import JOBS, THREADS
from rexpand.records import Record, Workers
from rexpand.search.remote_training import RemoteTraining
from rexpand.search.task import Task
from rexpand.search.told import Event, Expected, Telling, TrialProgress, replay
from rexpand.search.trainer import Trainer
from rexpand.search.worker import NETWORKS, evaluate
from rexpand.train import Silence
from rexpand.workers import Pool, RayCluster, processes, ray_pool

SomeRecord = TypeVar("SomeRecord")

_USE_CPU = "ACCELERATE_USE_CPU"  # accelerate's own; `--device cpu` sets it


class Watch(Protocol):
    """Sees the trainings of several slots, numbered from 0."""

    def training(self, slot: int, task: Task) -> TrialProgress:
        """Who hears of a training that runs in a slot from now on."""


class Nobody:
    """Sees nothing, neither trainings nor trials."""

    def begin(self, *, trials: int, finished: int, seeds: int) -> None: ...

    def end_trial(self, number: int, accuracy: float | None) -> None: ...

    def fail_trial(self, number: int, reason: str) -> None: ...

    def tell(self, message: str) -> None: ...

    def training(self, slot: int, task: Task) -> TrialProgress:
        return Silence()


class InProcess(AbstractContextManager["InProcess"]):
    """Runs each task at once in this process."""

    slots = 1

    def __init__(
        self, watch: Watch | None = None, trainer: Trainer[Any] = NETWORKS
    ) -> None:
        self._watch = watch or Nobody()
        self._trainer = trainer

    def submit(self, task: Task) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            progress = self._watch.training(0, task)
            future.set_result(evaluate(task, progress, trainer=self._trainer))
        except Exception as error:  # whoever asks for the result decides
            future.set_exception(error)
        return future

    def __exit__(self, *_: object) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where trainings run: `jobs` at a time, each on so many `threads`.

    Without a `ray` cluster that is this machine. Without `jobs` there are as many as its
    cores allow, or as a cluster has room for at the time. Without `threads` each has its
    share of this machine's cores (one, where `jobs` are left open). Raises SpecError for
    a number out of its range.
    """

    jobs: Annotated[int, JOBS] | None = 1
    threads: Annotated[int, THREADS] | None = None
    ray: RayCluster | None = None

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    @property
    def is_this_process(self) -> bool:
        """Whether nothing runs beside this process."""
        return self.ray is None and self.jobs == 1 and self.threads is None

    def shared(self, cores: int) -> tuple[int, int]:
        """How many trainings share so many cores of this machine, and each one's threads."""
        threads = self.threads or max(1, cores // (self.jobs or cores))
        return self.jobs or max(1, cores // threads), threads


def workers_for(placed: Placement, watch: Watch | None = None) -> Workers[Task, Record]:
    """What trains classifiers there."""
    return workers_of(NETWORKS, placed, watch)


def workers_of(
    trainer: Trainer[SomeRecord], placed: Placement, watch: Watch | None = None
) -> Workers[Task, SomeRecord]:
    """What runs the trainings of a trainer there."""
    if placed.is_this_process:
        return InProcess(watch, trainer)
    jobs, threads = placed.shared(torch.get_num_threads())
    if placed.ray:
        return on_ray(placed.ray, placed.jobs, threads, watch, trainer)
    return in_processes(jobs, threads, watch, trainer)


def in_processes(
    slots: int,
    threads: int,
    watch: Watch | None = None,
    trainer: Trainer[Any] = NETWORKS,
) -> Pool[Task, Any]:
    """Runs `slots` trainings at a time, each in a process of so many threads."""
    seen = _Relay(watch or Nobody())
    begin = partial(_begin, threads)
    work = partial(_evaluate, trainer)
    return processes(slots, work, begin=begin, told=seen.told, died=seen.died)


def on_ray(
    cluster: RayCluster,
    jobs: int | None,
    threads: int,
    watch: Watch | None = None,
    trainer: Trainer[Any] = NETWORKS,
) -> Pool[Task, Any]:
    """Runs trainings on a Ray cluster, each on so many of its CPUs (`ray_pool`)."""
    seen = _Relay(watch or Nobody(), is_one_machine=False)
    return ray_pool(
        cluster,
        RemoteTraining(threads=threads, trainer=trainer),
        jobs=jobs,
        cpus=threads,
        has_gpus=os.environ.get(_USE_CPU) != "true",
        told=seen.told,
        died=seen.died,
    )


@dataclass(frozen=True)
class _Relay:
    """Passes on to a watch what the slots of a pool tell."""

    watch: Watch
    is_one_machine: bool = True

    def told(self, slot: int, task: Task, event: Event) -> None:
        # What all of them need is compared with the memory of one machine.
        if self.is_one_machine or not isinstance(event, Expected):
            replay(event, self.watch.training(slot, task))

    def died(self, slot: int, task: Task, cause: str) -> None:
        self.watch.training(slot, task).alarm(
            f"{task}: its process ended ({cause}); a fresh one goes on"
        )


def _evaluate(trainer: Trainer[Any], task: Task, tell: Callable[[Event], None]) -> Any:
    return evaluate(task, Telling(tell), trainer=trainer)


def _begin(threads: int) -> None:
    """Set up a worker's process."""
    return_freed_memory()
    torch.set_num_threads(threads)
