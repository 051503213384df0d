"""Energy where the machine tells it: Intel's and AMD's counters, NVIDIA's.

A counter is of everything that the processor or the GPU does, not of the network alone.
"""

from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from rexpand.latency.rounds import Call

Joules = Callable[[], float]

_POWERCAP = Path("/sys/class/powercap")
_SECONDS = 1.0  # that a network runs; counters move in milliseconds


def energy_of(call: Call, joules: Joules, clock: Callable[[], float]) -> float:
    """Joules of one run, over a second of runs."""
    call()
    runs, before = 0, joules()
    begun = clock()
    while clock() - begun < _SECONDS:
        call()
        runs += 1
    return (joules() - before) / runs


def find_counter(device: str, powercap: Path = _POWERCAP) -> Joules | None:
    """The counter of a device in joules; None where it has none, or none to be read."""
    if device == "cuda":
        return _gpu()
    packages = sorted(powercap.glob("intel-rapl:[0-9]*"))
    counters = [Rapl(each) for each in packages if each.name.count(":") == 1]
    try:
        for each in counters:
            each()
    except (OSError, ValueError):  # root alone may read them
        return None
    return (lambda: sum(each() for each in counters)) if counters else None


class Rapl:
    """The energy counter of one processor; it starts again at its end, which is told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: int | None = None
        self._microjoules = 0

    def __call__(self) -> float:
        now = self._read("energy_uj")
        if self._last is not None:
            grown = now - self._last
            if grown < 0:
                grown += self._read("max_energy_range_uj")
            self._microjoules += grown
        self._last = now
        return self._microjoules / 1e6

    def _read(self, name: str) -> int:
        return int((self._folder / name).read_text())


def _gpu() -> Joules | None:
    """NVIDIA's counter of the current GPU, if its library is installed."""
    if find_spec("pynvml") is None:
        return None
    import pynvml
    import torch

    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        uuid = torch.cuda.get_device_properties(torch.cuda.current_device()).uuid
        handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
        pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
        return lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1e3
    return None
