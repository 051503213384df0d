"""Where the tasks of a layer study run: here, or in processes of one thread each."""

import ctypes
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import numpy as np
import torch
from numpy.typing import NDArray

from rexpand.errors import RunError
from rexpand.rank.measure import Task, measure

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


def run(
    tasks: Sequence[Task], workers: int
) -> Iterator[tuple[Task, NDArray[np.float64]]]:
    """Each task with its rank ratios, as they come; in this process for one worker.

    RunError if a worker's process dies.
    """
    if workers == 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # small matrices only wait for each other
        try:
            yield from ((task, measure(task)) for task in tasks)
        finally:
            torch.set_num_threads(threads)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=begin
    ) as pool:
        futures = {pool.submit(measure, task): task for task in tasks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool as broken:
            raise RunError(
                "a worker's process died, perhaps for want of memory; use one worker"
            ) from broken
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def begin() -> None:
    """Set up a worker: one thread, no interrupt of its own, no life after its driver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    torch.set_num_threads(1)
