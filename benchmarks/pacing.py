"""Loops in processes of their own that take turns, a few steps at a time.

What acts on a whole process, such as an allocator's setting, cannot be compared inside
one. So each loop has a process; all of them live from the first round to the last, and
only the one whose turn it is runs, the others wait on their pipes.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

import torch

from interleave import Stopwatch

LEAD = 4  # untimed steps of a round: they use up what a loader had fetched before
_SETTLE = 0.5  # seconds that a round's helpers get to come to rest in


class Stop(BaseException):
    """The parent wants no more steps."""


Clock = Callable[[], float]


class Pace:
    """What a loop calls after every step; it waits inside while others run."""

    def __init__(self, connection: Connection, steps: int, clock: Clock) -> None:
        self._connection = connection
        self._steps = steps
        self._clock = clock
        self._done = 0
        self._started = 0.0
        self._wait()

    def __call__(self) -> None:
        self._done += 1
        if self._done == LEAD:
            self._started = self._clock()
        if self._done < LEAD + self._steps:
            return
        seconds = self._clock() - self._started
        time.sleep(_SETTLE)
        self._connection.send(seconds / self._steps)
        self._wait()

    def _wait(self) -> None:
        try:
            goes_on = self._connection.recv()
        except EOFError:  # the parent is gone
            raise Stop from None
        if not goes_on:
            raise Stop
        self._done = 0


Loop = Callable[[Pace], None]  # never returns by itself


@contextmanager
def taking_turns(
    loops: Mapping[str, Loop],
    *,
    steps: int,
    threads: int,
    clock: Clock = time.perf_counter,
) -> Iterator[dict[str, Stopwatch]]:
    """A stopwatch a loop: seconds a step, over `steps` steps behind the lead.

    `time.process_time` as the clock gives those of the processor, of all threads.
    """
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(_process(loop, steps, threads, clock))
            for name, loop in loops.items()
        }


@contextmanager
def _process(loop: Loop, steps: int, threads: int, clock: Clock) -> Iterator[Stopwatch]:
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(loop, there, steps, threads, clock))
    process.start()
    there.close()
    try:
        yield partial(_round, here)
    finally:
        with suppress(OSError):
            here.send(False)
        process.join()


def _round(connection: Connection) -> float:
    connection.send(True)
    return float(connection.recv())


def _run(
    loop: Loop, connection: Connection, steps: int, threads: int, clock: Clock
) -> None:
    torch.set_num_threads(threads)
    with suppress(Stop):
        loop(Pace(connection, steps, clock))
