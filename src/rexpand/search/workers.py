"""Where tasks run. One process, several or a cluster differ in this one object."""

import ctypes
import signal
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import active_children, get_context
from typing import Self

import torch

from rexpand.memory import return_freed_memory
from rexpand.records import Record
from rexpand.search.task import Task
from rexpand.search.worker import evaluate
from rexpand.train import Progress

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


class InProcess(AbstractContextManager["InProcess"]):
    """Runs each task at once in this process, and lets its progress be seen."""

    slots = 1

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress

    def submit(self, task: Task) -> "Future[Record]":
        future: Future[Record] = Future()
        future.set_result(evaluate(task, self._progress))
        return future

    def __exit__(self, *_: object) -> None: ...


class Processes(AbstractContextManager["Processes"]):
    """Runs `slots` tasks at a time, each in a process with its share of the cores."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        threads = max(1, torch.get_num_threads() // slots)
        self._pool = ProcessPoolExecutor(
            slots,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(threads,),
        )

    def submit(self, task: Task) -> "Future[Record]":
        return self._pool.submit(evaluate, task)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:  # what they are at goes on from its last whole epoch
            for process in active_children():
                process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)


def _begin(threads: int) -> None:
    """Set up a worker's process: Ctrl-C is the driver's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_driver()
    torch.set_num_threads(threads)
    return_freed_memory()


def _die_with_driver() -> None:
    """Leave no worker behind that writes into a study which another driver resumed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
