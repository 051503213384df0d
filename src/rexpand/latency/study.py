"""`rexpand bench`: networks and runtimes timed against each other, as one record."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import MistakeError
from rexpand.latency.contestants import Contestant, Ready, check, is_file, prepared
from rexpand.latency.cuda import CudaClock
from rexpand.latency.energy import energy_of, find_counter
from rexpand.latency.fingerprint import fingerprint
from rexpand.latency.intervals import LEAST_DIFFERENCE
from rexpand.latency.peak_memory import peak_memory
from rexpand.latency.pinning import check_threads, pinned
from rexpand.latency.rounds import Clock, Timing, interleaved
from rexpand.latency.runtimes import find_runtime, precisions_of
from rexpand.latency.steadiness import Watch
from rexpand.ranges import INTERVAL_WIDTH, VERDICT_ROUNDS
from rexpand.records import (
    LatencyComparison,
    LatencyRow,
    LatencyStudy,
    this_provenance,
)
from rexpand.size import Resolution
from rexpand.spec import ExportPrecision

_ITS_OWN: list[tuple[str, ExportPrecision]] = [("", "fp32")]  # way of a file
_MOST_TIMES = 10  # the rounds asked for, where an interval is to be narrow
_LIBRARIES = ("rexpand", "torch", "timm", "onnxruntime", "openvino", "nncf")


@dataclass(frozen=True, kw_only=True)
class LatencyPlan:
    """What to time: every network under every runtime in every precision.

    Each number of threads and of images per batch is a comparison of its own. Rounds
    are added, up to ten times as many, until every interval is narrower than `within`,
    a share of its median, where that is given.
    """

    networks: tuple[str, ...]
    runtimes: tuple[str, ...]
    threads: tuple[int, ...]
    precisions: tuple[ExportPrecision, ...] = ("fp32",)
    batch_sizes: tuple[int, ...] = (1,)
    resolution: Resolution | None = None
    rounds: Annotated[int, VERDICT_ROUNDS] = 30
    within: Annotated[float, INTERVAL_WIDTH] | None = None
    device: str = "cpu"
    has_memory: bool = False

    def __post_init__(self) -> None:
        check_fields(self, MistakeError)
        for each in self.threads:
            check_threads(each)
        for one in dict.fromkeys(self.contestants(1)):
            check(one)

    @property
    def most_rounds(self) -> int:
        """Of one comparison."""
        return self.rounds * (1 if self.within is None else _MOST_TIMES)

    @property
    def comparisons(self) -> int:
        """How many there are."""
        return len(self.threads) * len(self.batch_sizes)

    def contestants(self, batch_size: int) -> tuple[Contestant, ...]:
        """Those of one comparison, in order; MistakeError where a way does not exist."""
        ways = _ways(self.runtimes, self.precisions)
        return tuple(
            Contestant(
                network=network,
                runtime=runtime,
                precision=precision,
                device=self.device,
                resolution=self.resolution,
                batch_size=batch_size,
            )
            for network in self.networks
            for runtime, precision in (_ITS_OWN if is_file(network) else ways)
        )


def _ways(
    runtimes: Sequence[str], precisions: Sequence[ExportPrecision]
) -> list[tuple[str, ExportPrecision]]:
    """Every runtime in every precision that it has."""
    ways = [
        (runtime, precision)
        for runtime in runtimes
        for precision in precisions
        if precision in precisions_of(runtime)
    ]
    for runtime in runtimes:
        if runtime not in {one for one, _ in ways}:
            find_runtime(runtime, precisions[0])  # says what it has
    for precision in precisions:
        if precision not in {one for _, one in ways}:
            find_runtime(runtimes[0], precision)
    return ways


def run_latency(
    plan: LatencyPlan, on_round: Callable[[], object] = lambda: None
) -> LatencyStudy:
    """Time everything; `on_round` hears of every round."""
    started = time.perf_counter()
    found = []
    for threads in plan.threads:
        with pinned(threads):
            for batch_size in plan.batch_sizes:
                found.append(_compared(plan, threads, batch_size, on_round))
    return LatencyStudy(
        device=plan.device,
        comparisons=tuple(found),
        least_difference=LEAST_DIFFERENCE,
        seconds=time.perf_counter() - started,
        fingerprint=fingerprint(),
        provenance=this_provenance(_LIBRARIES, threads=None, device=_device(plan)),
    )


def _device(plan: LatencyPlan) -> str:
    if plan.device == "cpu":
        return plan.device
    import torch

    return str(torch.cuda.get_device_name())


def _compared(
    plan: LatencyPlan,
    threads: int,
    batch_size: int,
    on_round: Callable[[], object],
) -> LatencyComparison:
    those = plan.contestants(batch_size)
    ready = [prepared(each) for each in those]
    clock = CudaClock() if plan.device == "cuda" else time.perf_counter
    watch = Watch()

    def end_round() -> None:
        watch.tick()
        on_round()

    timings = interleaved(
        {str(place): each.call for place, each in enumerate(ready)},
        rounds=plan.rounds,
        until=None if plan.within is None else partial(_are_narrow, plan.within),
        most_rounds=plan.most_rounds,
        clock=clock,
        on_round=end_round,
    )
    steadiness = watch.steadiness(timings)
    return LatencyComparison(
        threads=threads,
        batch_size=batch_size,
        rows=tuple(
            _row(
                one,
                each,
                timing,
                is_first=timing is timings[0],
                memory_mb=peak_memory(one, threads) if plan.has_memory else None,
                energy_mj=_energy(each, plan.device, clock),
            )
            for one, each, timing in zip(those, ready, timings, strict=True)
        ),
        steadiness=steadiness,
    )


def _are_narrow(within: float, timings: Sequence[Timing]) -> bool:
    """Whether the ratios are known well enough, or the latency of a single call."""
    known = [each.ratio for each in timings[1:]] or [timings[0].latency_ms]
    return all(each.most - each.least <= within * each.median for each in known)


def _energy(ready: Ready, device: str, clock: Clock) -> float | None:
    counter = find_counter(device)
    return None if counter is None else 1e3 * energy_of(ready.call, counter, clock)


def _row(
    one: Contestant,
    ready: Ready,
    timing: Timing,
    *,
    is_first: bool,
    memory_mb: float | None,
    energy_mj: float | None,
) -> LatencyRow:
    channels, height, width = ready.image
    return LatencyRow(
        network=one.network,
        runtime=ready.runtime,
        precision=ready.precision,
        channels=channels,
        height=height,
        width=width,
        params=ready.params,
        macs=ready.macs,
        latency_ms=timing.latency_ms,
        ratio=timing.ratio,
        verdict=None if is_first else timing.verdict,
        readings_ms=timing.readings_ms,
        ratios=timing.ratios,
        memory_mb=memory_mb,
        energy_mj=energy_mj,
    )
