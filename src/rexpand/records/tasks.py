"""The tasks of an experiment in turn: each once, as many at a time as there are slots."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from typing import Any, Protocol, Self, TypeVar

from rexpand.records.experiment import ExperimentFolder

Task = TypeVar("Task", contravariant=True)
Result = TypeVar("Result")
Key = TypeVar("Key")
SomeTask = TypeVar("SomeTask")
SomeResult = TypeVar("SomeResult")

_LOOK_AGAIN = 1.0  # seconds between two looks at the slots of workers who wait


class Workers(Protocol[Task, Result]):
    """Where tasks run: takes them, gives futures; `slots` tasks run at a time.

    Their number may change with time.
    """

    @property
    def slots(self) -> int: ...

    def submit(self, task: Task) -> "Future[Result]":
        """Start a task, now or when a slot is free."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: Any) -> None: ...


def outcomes(
    folder: ExperimentFolder[Any],
    tasks: Iterable[SomeTask],
    finished: Callable[[SomeTask], SomeResult | None],
    workers: Workers[SomeTask, SomeResult],
    begin: Callable[[int, int], None],
) -> Iterator[tuple[int, SomeResult]]:
    """Run the tasks that are not finished: each one's number and result as it comes.

    `begin` hears of the number of tasks and how many were finished before. Raises
    StudyError if another process is at work in the folder.
    """
    every = list(tasks)
    with folder.locked(), workers:
        left = [(n, task) for n, task in enumerate(every) if finished(task) is None]
        begin(len(every), len(every) - len(left))
        following = partial(next, iter(left), None)
        yield from in_turn(following, workers, lambda number, result: None)


def in_turn(
    following: Callable[[], tuple[Key, SomeTask] | None],
    workers: Workers[SomeTask, SomeResult],
    follow: Callable[[Key, SomeResult], SomeTask | None],
) -> Iterator[tuple[Key, SomeResult]]:
    """Each task's key with its last result, every slot of the workers kept busy.

    `following` gives the next task, or None if there is none now: it is asked again after
    a while, or when a result has come. A result may ask for another task of the same key, which `follow`
    gives, before the next one is taken.
    """
    flying: dict[Future[SomeResult], Key] = {}
    while True:
        while len(flying) < workers.slots and (pair := following()):
            flying[workers.submit(pair[1])] = pair[0]
        if not flying:
            return
        done, _ = wait(flying, _LOOK_AGAIN, return_when=FIRST_COMPLETED)
        for future in done:
            key, result = flying.pop(future), future.result()
            further = follow(key, result)
            if further is None:
                yield key, result
            else:
                flying[workers.submit(further)] = key
