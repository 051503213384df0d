"""How fast a layer can be: the roofline model of a machine's two peaks.

A layer that does few multiply-accumulates per byte waits for memory, however fast the
arithmetic is: it reaches at most its intensity times the bandwidth (Williams, Waterman
and Patterson, doi.org/10.1145/1498765.1498785).
"""

from dataclasses import dataclass

from rexpand.cost.operators import Layer
from rexpand.records import Provenance
from rexpand.size import Resolution


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The highest rate per second of `n` measurements; their median and quartiles."""

    rate: float
    median: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """What a machine reached on `threads`: macs and bytes per second."""

    macs: Peak
    memory: Peak
    threads: int

    @property
    def ridge(self) -> float:
        """Macs per byte above which arithmetic is the limit."""
        return self.macs.rate / self.memory.rate


def attainable(layer: Layer, peaks: Peaks) -> float:
    """Most macs per second of a layer, if each element is read or written once."""
    return min(peaks.macs.rate, layer.intensity * peaks.memory.rate)


@dataclass(frozen=True, kw_only=True)
class KindTime:
    """The layers of one kind: how many, their seconds, share of the time, and macs."""

    kind: str
    layers: int
    seconds: float
    share: float
    macs: int


@dataclass(frozen=True, kw_only=True)
class Roofline:
    """A network's layers with the seconds that each took, and the machine's peaks.

    `seconds` are medians of `runs`, one number per layer, of a batch of one image.
    """

    name: str
    resolution: Resolution
    layers: tuple[Layer, ...]
    seconds: tuple[float, ...]
    runs: int
    peaks: Peaks
    provenance: Provenance

    @property
    def total_seconds(self) -> float:
        """Seconds of all layers."""
        return sum(self.seconds)

    def by_kind(self) -> tuple[KindTime, ...]:
        """Where the time goes, the largest share first."""
        groups: dict[str, list[int]] = {}
        for index, layer in enumerate(self.layers):
            groups.setdefault(kind_of(layer), []).append(index)
        times = (
            KindTime(
                kind=kind,
                layers=len(indices),
                seconds=(spent := sum(self.seconds[i] for i in indices)),
                share=spent / self.total_seconds,
                macs=sum(self.layers[i].macs for i in indices),
            )
            for kind, indices in groups.items()
        )
        return tuple(sorted(times, key=lambda each: -each.seconds))


def kind_of(layer: Layer) -> str:
    """The layer's kind, with convolutions separated by what limits them."""
    if layer.kind == "convolution":
        if layer.is_depthwise:
            return "depthwise convolution"
        return "1x1 convolution" if layer.is_pointwise else "convolution"
    return layer.kind
