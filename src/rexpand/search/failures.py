"""Trials that fail: what fails one, and when so many did that the study stops."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Generic, Self, TypeVar

from rexpand.errors import (
    ClusterLostError,
    ForeignCodeError,
    MemoryExceededError,
    MistakeError,
    RunError,
    WorkersDiedError,
    printable,
)
from rexpand.records import Workers
from rexpand.search.task import Task

SomeRecord = TypeVar("SomeRecord")

_FIRST = 5  # trials: if all of them failed, so would the next one
_IN_A_ROW = 20  # later on
LOOKED_AT = 100  # of the latest trials


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a training came to no end; less memory may help it."""

    reason: str
    wants_memory: bool = False


def failure_of(error: BaseException) -> Failure | None:
    """The failure of a trial that an exception of a training is.

    None for what would fail every trial and can be mended first: a mistake of the user's,
    a file system that refuses, a cluster that is gone.
    """
    match error:
        case MemoryExceededError() | WorkersDiedError():
            return Failure(reason=str(error), wants_memory=True)
        case ClusterLostError() | OSError():
            return None
        case RunError() | ForeignCodeError():
            return Failure(reason=str(error))
        case MistakeError():
            return None
        case Exception():
            return Failure(reason=printable(f"{type(error).__name__}: {error}"))
    return None


class Surviving(Generic[SomeRecord]):
    """Workers whose result of a task may be the failure of its trial."""

    def __init__(self, workers: Workers[Task, SomeRecord]) -> None:
        self._workers = workers

    @property
    def slots(self) -> int:
        return self._workers.slots

    def submit(self, task: Task) -> "Future[SomeRecord | Failure]":
        passed: Future[SomeRecord | Failure] = Future()
        self._workers.submit(task).add_done_callback(partial(_pass_on, passed))
        return passed

    def __enter__(self) -> Self:
        self._workers.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._workers.__exit__(*exception)


def check_hopeful(reasons: Sequence[str | None], *, has_success: bool) -> None:
    """Raise RunError if the next trial is likely to fail as well.

    `reasons` are those of a driver's latest trials, in the order in which they began,
    None for one that did not fail. Twenty in a row are too many and, in a study without
    a success, the first five.
    """
    first = reasons[:_FIRST]
    if not has_success and len(first) == _FIRST and all(first):
        raise _hopeless(f"the first {_FIRST} trials", first[-1])
    for failed, group in groupby(reasons, key=bool):
        same = list(group)
        if failed and len(same) >= _IN_A_ROW:
            raise _hopeless(f"{_IN_A_ROW} trials in a row", same[-1])


def all_failed(count: int, reason: str | None) -> RunError:
    """The end of a study without any trial that did not fail."""
    what = f"all {count} trials" if count > 1 else "the only trial"
    return RunError(f"{what} failed{_last(reason)}")


def _hopeless(what: str, reason: str | None) -> RunError:
    return RunError(f"{what} failed, so the study stops here{_last(reason)}")


def _last(reason: str | None) -> str:
    return f"; the last one: {reason}" if reason else ""


def _pass_on(to: "Future[SomeRecord | Failure]", done: "Future[SomeRecord]") -> None:
    if done.cancelled():
        to.cancel()
    elif (error := done.exception()) is None:
        to.set_result(done.result())
    elif failure := failure_of(error):
        to.set_result(failure)
    else:
        to.set_exception(error)
