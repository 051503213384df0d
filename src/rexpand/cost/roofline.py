"""How fast a layer could be: a machine's two peaks, and the roof that they make.

A layer that does few multiply-accumulates for every byte waits for memory, whatever the
arithmetic could do: it reaches at most its intensity times the bandwidth (Williams,
Waterman and Patterson, doi.org/10.1145/1498765.1498785).
"""

from dataclasses import dataclass

from rexpand.cost.module import Layer


@dataclass(frozen=True, kw_only=True)
class Peak:
    """A rate per second: the median of `n` measurements, with their quartiles."""

    rate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """What a machine reached: multiply-accumulates and bytes per second, on `threads`."""

    macs: Peak
    memory: Peak
    threads: int

    @property
    def ridge(self) -> float:
        """Macs per byte from which on arithmetic is the limit."""
        return self.macs.rate / self.memory.rate


def attainable(layer: Layer, peaks: Peaks) -> float:
    """Most macs per second of a layer, if each element is read or written once."""
    return min(peaks.macs.rate, layer.intensity * peaks.memory.rate)
