"""Where the process runs: on as many processors as it has threads, one per core."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rexpand.errors import MistakeError
from rexpand.latency.threads import threads_of_torch

_CORES = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def processors() -> tuple[int, ...]:
    """The numbers of the processors that this thread may use."""
    if sys.platform != "linux":
        return tuple(range(os.cpu_count() or 1))
    return tuple(sorted(os.sched_getaffinity(0)))


def check_threads(threads: int) -> None:
    """Raise MistakeError for more threads than processors."""
    there = len(processors())
    if threads > there:
        raise MistakeError(
            f"threads is {threads}, and this process may use {there} of the machine's "
            f"processors; give at most {there}"
        )


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """torch with so many threads, and the process on as many processors.

    They are of different cores as far as there are. Raises MistakeError for more
    threads than processors. Without Linux only the threads are set.
    """
    check_threads(threads)
    there = processors()
    with threads_of_torch(threads):
        _move(by_core(there)[:threads])
        try:
            yield
        finally:
            _move(there)


def by_core(there: Sequence[int]) -> tuple[int, ...]:
    """The processors, those first that share no core with one before them."""
    firsts: dict[str, int] = {}
    for each in there:
        firsts.setdefault(_core(each), each)
    first = list(firsts.values())
    return (*first, *(each for each in there if each not in first))


def _core(processor: int) -> str:
    with suppress(OSError):
        return Path(_CORES.format(processor)).read_text().strip()
    return str(processor)


def _move(wanted: Sequence[int]) -> None:
    """All threads of the process: those that a runtime has started keep their own."""
    if sys.platform != "linux":
        return
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), wanted)
