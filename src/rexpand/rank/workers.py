"""Where the tasks of a layer study run: here, or in processes of one thread each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed

import numpy as np
import torch
from numpy.typing import NDArray

from rexpand.rank.measure import Task, measure
from rexpand.workers import Pool, Tell, processes


def run(
    tasks: Sequence[Task], workers: int
) -> Iterator[tuple[Task, NDArray[np.float64]]]:
    """Each task with its rank ratios, as they come; in this process for one worker.

    RunError if the processes of a task die again and again.
    """
    if workers == 1:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # small matrices only wait for each other
        try:
            yield from ((task, measure(task)) for task in tasks)
        finally:
            torch.set_num_threads(threads)
        return
    with measuring(workers) as pool:
        futures = {pool.submit(task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()


def measuring(count: int) -> Pool[Task, NDArray[np.float64]]:
    """Measures in so many processes."""
    return processes(count, _measure, begin=_begin)


def _measure(task: Task, _: Tell) -> NDArray[np.float64]:
    return measure(task)


def _begin() -> None:
    torch.set_num_threads(1)
