"""A network on this machine: its layers' times, and the machine's two peaks."""

import time
from collections.abc import Callable
from statistics import quantiles

import torch
from torch import nn

from rexpand.cost.roofline import Peak, Peaks, Roofline
from rexpand.records import this_provenance
from rexpand.size import Size
from rexpand.trace.tracing import layer_seconds, trace

_SIDE = 512  # of the matrices: two milliseconds, which no other process interrupts
_FLOATS = 2**24  # copied, 64 MiB
_LEAST = 3  # measurements, however long one takes


def measured_roofline(
    module: nn.Module,
    image: tuple[int, int, int],
    *,
    name: str,
    runs: int = 11,
    seconds: float = 1.0,
) -> Roofline:
    """Every layer's time on the CPU, in float32, under the roof measured beside it.

    `seconds` go into each of the machine's two peaks.
    """
    return Roofline(
        name=name,
        resolution=Size.of_image(image).resolution,
        layers=trace(module, image).layers,
        seconds=layer_seconds(module, image, runs=runs),
        runs=runs,
        peaks=measured_peaks(seconds),
        provenance=this_provenance(
            ("rexpand", "torch"), threads=torch.get_num_threads()
        ),
    )


def measured_peaks(seconds: float = 1.0) -> Peaks:
    """Both peaks of the CPU on torch's threads, about `seconds` for each."""
    left, right = torch.randn(2, _SIDE, _SIDE).unbind()
    product = torch.empty(_SIDE, _SIDE)
    source, target = torch.zeros(2, _FLOATS).unbind()
    return Peaks(
        macs=_peak(lambda: torch.mm(left, right, out=product), _SIDE**3, seconds),
        # A copy reads every byte and writes it.
        memory=_peak(lambda: target.copy_(source), 2 * 4 * _FLOATS, seconds),
        threads=torch.get_num_threads(),
    )


def _peak(run: Callable[[], object], done: int, seconds: float) -> Peak:
    run()
    rates: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(rates) < _LEAST:
        started = time.perf_counter()
        run()
        rates.append(done / (time.perf_counter() - started))
    low, middle, high = quantiles(rates, n=4, method="inclusive")
    return Peak(rate=max(rates), median=middle, low=low, high=high, n=len(rates))
