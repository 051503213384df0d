"""How much memory a network takes while it runs, in a process of its own."""

import ctypes
import gc
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from rexpand.latency.contestants import Contestant, is_file, prepared
from rexpand.latency.pinning import pinned
from rexpand.latency.runtimes import find_runtime
from rexpand.workers import Tell, processes

_RUNS = 3
_MIB = 2**20
_HIGHEST_AGAIN = "5"  # what clear_refs takes to start the peak again (proc(5))


@dataclass(frozen=True, kw_only=True)
class MemoryTask:
    """A contestant on so many threads."""

    contestant: Contestant
    threads: int

    def __str__(self) -> str:
        return str(self.contestant)


def peak_memory(contestant: Contestant, threads: int) -> float | None:
    """The peak in MiB while a contestant runs, beyond what its runtime alone takes.

    Weights, whatever the runtime has made of them, and maps. On a GPU it is what torch
    has allocated there. None where the system does not tell it.
    """
    with processes(1, measured) as pool:
        return pool.submit(MemoryTask(contestant=contestant, threads=threads)).result()


def measured(task: MemoryTask, tell: Tell) -> float | None:
    """The same, in this process, which should have run nothing before."""
    with pinned(task.threads):
        if task.contestant.device == "cuda":
            return _on_gpu(task.contestant)
        _load(task.contestant)
        before = _now("VmRSS")
        ready = prepared(task.contestant)
        _give_back()  # what only the preparation needed
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text(_HIGHEST_AGAIN)
        for _ in range(_RUNS):
            ready.call()
        peak = _now("VmHWM")
        return None if before is None or peak is None else (peak - before) / _MIB


def _load(contestant: Contestant) -> None:
    """Everything that the runtime loads and starts for any network."""
    if not is_file(contestant.network):
        runtime = find_runtime(contestant.runtime, contestant.precision)
        layer = nn.Conv2d(3, 8, 1)
        runtime.prepared(nn.Sequential(layer, nn.Flatten()), torch.zeros(1, 3, 8, 8))()
    _give_back()


def _on_gpu(contestant: Contestant) -> float:
    ready = prepared(contestant)
    torch.cuda.reset_peak_memory_stats()
    for _ in range(_RUNS):
        ready.call()
    torch.cuda.synchronize()
    return float(torch.cuda.max_memory_allocated()) / _MIB


def _give_back() -> None:
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def _now(name: str) -> float | None:
    """Bytes of this process, by the name that Linux gives them."""
    if sys.platform != "linux":
        return None
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return float(line.split()[1]) * 1024
    return None
