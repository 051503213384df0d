"""Latencies of networks, measured against each other on one machine, as one document."""

from dataclasses import dataclass
from typing import Literal

from rexpand.errors import RecordError
from rexpand.records.provenance import Provenance
from rexpand.records.spread import MedianSpread

LatencyVerdict = Literal["faster", "slower", "no difference"]

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """The processors that were used, as far as the system tells.

    `processors` are threads of the hardware on so many `cores`. `instruction_sets` are
    those that decide which kernels run, by Linux's names.
    """

    processors: int
    cores: int
    instruction_sets: tuple[str, ...]
    caches: tuple[str, ...]
    governor: str | None
    most_mhz: float | None
    is_virtual: bool


@dataclass(frozen=True, kw_only=True)
class Steadiness:
    """How steady the machine was while it measured.

    `others` and `stolen` are shares of the time of the processors in use that went to
    other processes, and to other machines on the same hardware. `waits` counts per
    second how often the process was made to wait. `slowdown` is what a fixed loop took
    in the slowest third of the time, over the fastest third. `throttles` are stops
    because of heat, `stops` those by the control group's quota. What the system does
    not tell is None. `problems` says in words what is wrong.
    """

    seconds: float
    others: float | None
    stolen: float | None
    waits: float
    slowdown: float
    throttles: int | None
    stops: int | None
    is_throttled: bool
    is_disturbed: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LatencyRow:
    """One network under one runtime in one precision: milliseconds of one batch.

    `ratio` is to the first row of its comparison, and `verdict` None for that row.
    `params` and `macs`, of one image, are None for an exported file. `memory_mb` is
    the peak of memory in MiB beyond what the runtime takes for a network of one layer,
    `energy_mj` the processors' or the GPU's energy of one batch in millijoules; both
    None where they were not measured.
    """

    network: str
    runtime: str
    precision: str
    channels: int
    height: int
    width: int
    params: int | None
    macs: int | None
    latency_ms: MedianSpread
    ratio: MedianSpread
    verdict: LatencyVerdict | None
    readings_ms: tuple[float, ...]
    ratios: tuple[float, ...]
    memory_mb: float | None = None
    energy_mj: float | None = None


@dataclass(frozen=True, kw_only=True)
class LatencyComparison:
    """What was timed in the same rounds, with the same threads and images per batch."""

    threads: int
    batch_size: int
    rows: tuple[LatencyRow, ...]
    steadiness: Steadiness

    def __post_init__(self) -> None:
        if not self.rows:
            raise RecordError("a comparison of latencies has no rows; run it again")


@dataclass(frozen=True, kw_only=True)
class LatencyStudy:
    """Everything that one run of `rexpand bench` measured.

    A network is faster or slower where the interval of its ratio lies beyond
    `least_difference`.
    """

    device: str
    comparisons: tuple[LatencyComparison, ...]
    least_difference: float
    seconds: float
    fingerprint: Fingerprint
    provenance: Provenance
    version: int = VERSION
