"""What exported files are worth: their agreement with the network, and their speed."""

from collections.abc import Mapping
from dataclasses import dataclass

from rexpand.records.latency import Steadiness
from rexpand.records.provenance import Provenance
from rexpand.records.spread import MedianSpread

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class GateRow:
    """One file, or the network itself in torch, whose row is the first.

    `agreement` is the share of the judged images with the network's top class, `accuracy`
    top-1 in percent. `difference` is the largest of the scores, as a share of the
    network's largest one. Latencies are of one image, `ratio` is to torch's. `in_float`
    names the layers of an int8 file that stay in float32.
    """

    runtime: str
    precision: str
    files: tuple[str, ...]
    size_bytes: int
    agreement: float
    accuracy: float
    difference: float
    latency_ms: MedianSpread
    ratio: MedianSpread
    in_float: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The rows of one network, judged on images of `data` that calibrated nothing.

    `readings_ms` are those of every round, by runtime and precision.
    """

    network: str
    data: str
    judged_images: int
    calibration_images: int
    least_agreement: float
    rows: tuple[GateRow, ...]
    readings_ms: Mapping[str, tuple[float, ...]]
    steadiness: Steadiness
    provenance: Provenance
    version: int = VERSION

    @property
    def refused(self) -> tuple[GateRow, ...]:
        """The rows whose agreement is under the limit."""
        return tuple(row for row in self.rows if row.agreement < self.least_agreement)
