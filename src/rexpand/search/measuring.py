"""Measure the latency of every configuration of a study, trained or not."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import torch

from rexpand.allowed import check_fields
from rexpand.codec import to_document
from rexpand.errors import MistakeError, StudyError
from rexpand.latency.fingerprint import fingerprint
from rexpand.latency.networks import prepared
from rexpand.latency.pinning import check_threads, pinned
from rexpand.latency.rounds import interleaved
from rexpand.latency.runtimes import Runtime
from rexpand.latency.steadiness import Watch
from rexpand.ranges import FORWARD_BATCH, LATENCY_MS, ROUNDS, THREADS
from rexpand.records import (
    LatencyBatch,
    TrialReadings,
    this_machine,
    this_provenance,
    write_atomic,
)
from rexpand.search.design import (
    StudyDesign,
    design_provenance,
    drawn,
    read_study,
)
from rexpand.search.latency_design import LatencyDesign, latency_folder
from rexpand.search.measured import Measurement, check_channels, read_batches
from rexpand.search.stored import read_trials

_TOGETHER = 8  # trials of a batch: all of them are in memory at once
_ROUNDS = 12
_REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How to measure; what is None is as it was before, or usual.

    Usual are torch's threads, single images, twelve rounds and no bound.
    """

    threads: Annotated[int, THREADS] | None = None
    batch_size: Annotated[int, FORWARD_BATCH] | None = None
    rounds: Annotated[int, ROUNDS] | None = None
    most_ms: Annotated[float, LATENCY_MS] | None = None

    def __post_init__(self) -> None:
        check_fields(self, MistakeError)


class StudyClock(AbstractContextManager["StudyClock"]):
    """Measures the trials of a study under a runtime, those that are left.

    Entering raises StudyError for a study that was measured with other settings or on
    another machine, or where another process measures it. What is killed is measured on
    by the next one; the batch under way is lost.
    """

    def __init__(self, study: str | Path, runtime: Runtime, asked: Asked) -> None:
        self._study = Path(study)
        self._design = read_study(self._study)
        if self._design.detector is not None:
            raise StudyError(
                f"the trials of {study} are detectors, and only the latency of classifiers "
                "is measured; weigh their box AP against macs or params"
            )
        self._channels = _configurations(self._study, self._design)
        self._runtime = runtime
        self._asked = asked
        self._folder = latency_folder(self._study, runtime.name)

    def __enter__(self) -> Self:
        wanted = self._wanted()
        check_threads(wanted.threads)
        with ExitStack() as stack:
            stack.enter_context(self._folder.given_up_if_refused())
            self._folder.create(wanted, design_provenance(), allow_change=True)
            stack.enter_context(self._folder.locked())
            if self._folder.read() != wanted:
                self._folder.change(wanted, design_provenance())
            self._plan = wanted
            check_channels([self.measurement], self._channels)
            self._close = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close.__exit__(kind, error, trace)

    @property
    def measurement(self) -> Measurement:
        """All that is measured by now."""
        return Measurement(design=self._plan, batches=read_batches(self._folder))

    def left(self) -> list[int]:
        """The numbers of the trials that are still to be measured."""
        batches = read_batches(self._folder)
        done = {each.trial for batch in batches for each in batch.trials}
        return [n for n in range(len(self._channels)) if n not in done]

    def measure(self, advance: Callable[[int], object]) -> None:
        """Measure those; `advance` counts trials."""
        with pinned(self._plan.threads):
            for numbers in _batches(self.left()):
                batch = self._timed(numbers)
                path = self._folder.path / f"batch-{numbers[0]:05d}.json"
                write_atomic(path, to_document(batch))
                advance(len(numbers))

    def _wanted(self) -> LatencyDesign:
        """What was asked for, the rest as it was before."""
        asked = self._asked
        usual = LatencyDesign(
            runtime=self._runtime.name,
            threads=torch.get_num_threads(),
            batch_size=1,
            rounds=_ROUNDS,
            cpu=this_machine().cpu,
            reference=self._channels[0],
        )
        if self._folder.exists():
            known = self._folder.read()
            usual = replace(known, cpu=usual.cpu, reference=usual.reference)
        return replace(
            usual,
            threads=asked.threads or usual.threads,
            batch_size=asked.batch_size or usual.batch_size,
            rounds=asked.rounds or usual.rounds,
            most_ms=asked.most_ms or usual.most_ms,
        )

    def _timed(self, numbers: Sequence[int]) -> LatencyBatch:
        started = time.perf_counter()
        plan, spec = self._plan, self._design.spec
        specs = {_REFERENCE: spec.with_channels(plan.reference)}
        specs |= {str(n): spec.with_channels(self._channels[n]) for n in numbers}
        calls = prepared(specs, self._runtime, plan.batch_size)
        watch = Watch()
        timings = interleaved(
            calls, rounds=plan.rounds, clock=self._runtime.clock, on_round=watch.tick
        )
        reference, *others = timings
        return LatencyBatch(
            reference_ms=reference.readings_ms,
            trials=tuple(
                TrialReadings(
                    trial=number,
                    channels=self._channels[number],
                    readings_ms=each.readings_ms,
                    ratios=each.ratios,
                )
                for number, each in zip(numbers, others, strict=True)
            ),
            steadiness=watch.steadiness(timings),
            fingerprint=fingerprint(),
            seconds=time.perf_counter() - started,
            provenance=this_provenance(
                ("rexpand", "torch", self._runtime.name), threads=plan.threads
            ),
        )


def _configurations(study: Path, design: StudyDesign) -> list[tuple[int, ...]]:
    """The channels of every trial that the study has; before it began, those of its random sample."""
    stored = [tuple(trial.user_attrs["channels"]) for trial in read_trials(study)]
    if len(stored) >= design.sampler.first_trials(design.trials):
        return stored
    return [tuple(row) for row in drawn(design).channels.tolist()]


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _TOGETHER):
        yield numbers[start : start + _TOGETHER]
