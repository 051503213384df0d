"""A pool whose workers are processes of this machine."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from rexpand.memory import check_memory
from rexpand.workers.pool import Pool, Tell, nothing
from rexpand.workers.worker import Worker

Task = TypeVar("Task")
Result = TypeVar("Result")

# What a process has for itself after it imported torch: 290 MB, torch 2.14 on a CPU.
_PROCESS_BYTES = 2**28


def processes(
    slots: int,
    work: Callable[[Task, Tell], Result],
    *,
    begin: Callable[[], None] = nothing,
    told: Callable[[int, Task, Any], None] = nothing,
    died: Callable[[int, Task, str], None] = nothing,
) -> Pool[Task, Result]:
    """Runs `slots` tasks at a time by `work`, which gets the task and a `Tell`.

    `begin` is called once in every process; the rest is as `Pool` says. Raises SpecError
    for more processes than the memory holds.
    """
    check_memory(f"a pool of {slots} processes", slots * _PROCESS_BYTES, "use fewer")
    return Pool(lambda: slots, partial(Worker, work, begin), told=told, died=died)
