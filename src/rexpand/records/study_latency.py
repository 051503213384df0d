"""The measured latency of a study's trials: the documents, and what a summary says."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import RecordError
from rexpand.ranges import MILLISECONDS, MULTIPLIER, NAME, SECONDS, TRIAL, WIDTH
from rexpand.records.latency import Fingerprint, Steadiness
from rexpand.records.provenance import Provenance
from rexpand.records.spread import MedianSpread

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TrialReadings:
    """One configuration: a reading of each round, and its ratio to the reference's."""

    trial: Annotated[int, TRIAL]
    channels: tuple[Annotated[int, WIDTH], ...]
    readings_ms: tuple[Annotated[float, MILLISECONDS], ...]
    ratios: tuple[Annotated[float, MULTIPLIER], ...]

    def __post_init__(self) -> None:
        if not self.ratios or len(self.ratios) != len(self.readings_ms):
            raise RecordError(
                f"trial {self.trial} has {len(self.readings_ms)} readings and "
                f"{len(self.ratios)} ratios; measure it again"
            )


@dataclass(frozen=True, kw_only=True)
class LatencyBatch:
    """Some trials of a study, timed in the same rounds as its reference configuration.

    What slows the machine slows the reference too, so that ratios of different batches
    can be compared. `reference_ms` are the reference's readings.
    """

    reference_ms: tuple[Annotated[float, MILLISECONDS], ...]
    trials: tuple[TrialReadings, ...]
    steadiness: Steadiness
    fingerprint: Fingerprint
    seconds: Annotated[float, SECONDS]
    provenance: Provenance
    version: int = VERSION

    def __post_init__(self) -> None:
        check_fields(self, RecordError)
        if not self.reference_ms:
            raise RecordError("its reference has no readings; measure it again")


@dataclass(frozen=True, kw_only=True)
class TrialLatency:
    """The milliseconds of a trial under a runtime, measured.

    They are its ratios to the reference, of each round, times the median of all readings
    of the reference.
    """

    runtime: Annotated[str, NAME]
    latency_ms: MedianSpread


@dataclass(frozen=True, kw_only=True)
class StudyLatency:
    """What was measured of a study under one runtime.

    `trials` were measured on the machine `cpu`, of which `over` are above the bound
    `most_ms`. `reference_ms` is that of the trial `reference` over all rounds.
    `disturbed` of the `batches` were measured while the machine was not steady, for
    which `problems` has examples.
    """

    runtime: str
    threads: int
    batch_size: int
    rounds: int
    cpu: str
    reference: int
    reference_ms: MedianSpread
    trials: int
    most_ms: float | None
    over: int
    batches: int
    disturbed: int
    problems: tuple[str, ...]
    seconds: float
