"""CUDA: calls that run on a GPU, and a clock of its own events."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from rexpand.latency.rounds import Call

_WARM_UP = 3  # runs before a graph is captured: libraries choose their kernels then


class CudaClock:
    """Seconds by the events of the current GPU, so that launches alone are no time.

    A call only puts work into the GPU's queue: an event is put behind it, and the time
    is known when the GPU gets there. Differences of neighbouring events are added up,
    because torch gives them as float32.
    """

    def __init__(self) -> None:
        self._last: Any = None
        self._seconds = 0.0

    def __call__(self) -> float:
        event: Any = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        event.synchronize()
        if self._last is not None:
            self._seconds += self._last.elapsed_time(event) / 1e3
        self._last = event
        return self._seconds


def captured(run: Callable[[Tensor], Any], images: Tensor) -> Call:
    """A call that replays the kernels of one run as a CUDA graph.

    The images and the scores are always in the same memory.
    """
    stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream), torch.no_grad():
        for _ in range(_WARM_UP):
            run(images)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph), torch.no_grad():
        run(images)
    return graph.replay
