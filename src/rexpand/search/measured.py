"""What was measured of a study's latencies, and which trials are above a bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rexpand.errors import StudyError
from rexpand.latency.intervals import median_spread
from rexpand.records import (
    ExperimentFolder,
    LatencyBatch,
    MedianSpread,
    StudyLatency,
    TrialLatency,
    read_record,
)
from rexpand.search.latency_design import LatencyDesign, latency_folders


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The design of a measurement and the batches that are done."""

    design: LatencyDesign
    batches: tuple[LatencyBatch, ...]

    @cached_property
    def reference_ms(self) -> MedianSpread:
        """Of the reference, over the rounds of all batches."""
        return median_spread([ms for each in self.batches for ms in each.reference_ms])

    @cached_property
    def latencies(self) -> Mapping[int, MedianSpread]:
        """The milliseconds of each trial that was measured, by its number."""
        scale = self.reference_ms.median
        return {
            trial.trial: median_spread([scale * ratio for ratio in trial.ratios])
            for batch in self.batches
            for trial in batch.trials
        }

    @property
    def over(self) -> frozenset[int]:
        """The trials whose median is above the bound."""
        most = self.design.most_ms
        if most is None:
            return frozenset()
        return frozenset(
            number for number, found in self.latencies.items() if found.median > most
        )

    @property
    def summary(self) -> StudyLatency:
        """All of it in numbers."""
        design = self.design
        disturbed = [each for each in self.batches if each.steadiness.problems]
        problems = [text for each in disturbed for text in each.steadiness.problems]
        return StudyLatency(
            runtime=design.runtime,
            threads=design.threads,
            batch_size=design.batch_size,
            rounds=design.rounds,
            cpu=design.cpu,
            reference=0,
            reference_ms=self.reference_ms,
            trials=len(self.latencies),
            most_ms=design.most_ms,
            over=len(self.over),
            batches=len(self.batches),
            disturbed=len(disturbed),
            problems=tuple(problems[:3]),
            seconds=sum(each.seconds for each in self.batches),
        )


def measurements_of(study: Path) -> tuple[Measurement, ...]:
    """Those of a study that have a batch, by the names of their runtimes."""
    found = [
        Measurement(design=folder.read(), batches=read_batches(folder))
        for folder in latency_folders(study)
    ]
    return tuple(each for each in found if each.batches)


def read_batches(folder: ExperimentFolder[LatencyDesign]) -> tuple[LatencyBatch, ...]:
    """The batches that are done, in the order of their first trials."""
    paths = sorted(folder.path.glob(folder.results))
    return tuple(read_record(LatencyBatch, path) for path in paths)


def check_channels(
    measurements: Sequence[Measurement], channels: Sequence[tuple[int, ...]]
) -> None:
    """Raise StudyError for readings of other configurations than the study's."""
    for measurement in measurements:
        for batch in measurement.batches:
            for each in batch.trials:
                if channels[each.trial : each.trial + 1] != [each.channels]:
                    raise StudyError(
                        f"the latency under {measurement.design.runtime} is that of "
                        f"another study: its trial {each.trial} has other channels; "
                        "delete that folder and measure again"
                    )


def latencies_of(
    measurements: Sequence[Measurement], number: int
) -> tuple[TrialLatency, ...]:
    """What was measured of a trial, one entry for each runtime."""
    return tuple(
        TrialLatency(runtime=each.design.runtime, latency_ms=each.latencies[number])
        for each in measurements
        if number in each.latencies
    )


def above_a_bound(study: Path) -> frozenset[int]:
    """The numbers of the trials whose measured latency is above a bound of the study."""
    found = (each.over for each in measurements_of(study))
    return frozenset[int]().union(*found)
