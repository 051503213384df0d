"""Whether the machine was steady while it measured, and what disturbed it if not."""

import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rexpand.latency.pinning import processors
from rexpand.latency.rounds import Timing
from rexpand.records import Steadiness

# What a quiet machine stays below: shares of the processors' time, and ratios.
_OTHERS = 0.05
_STOLEN = 0.02
_SLOWDOWN = 1.05
_SCATTER = 0.1
_LOOP = 100_000  # additions: two milliseconds
_ROOT = Path("/")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What the system has counted until now.

    Seconds are of the processors in use: of this process, of all processes, and those
    that the hypervisor gave to other machines. `waits` are the times that the process
    had to leave a processor, `throttles` stops because of heat, `stops` those by the
    control group's quota. What the system does not tell is None.
    """

    at: float
    own: float
    waits: int = 0
    busy: float | None = None
    stolen: float | None = None
    throttles: int | None = None
    stops: int | None = None


def snapshot(root: Path = _ROOT) -> Snapshot:
    """The counts of this moment; `root` is where the system's files are."""
    used = processors()
    times = os.times()
    busy, stolen = _processor_seconds(root, used) or (None, None)
    return Snapshot(
        at=time.monotonic(),
        own=times.user + times.system,
        waits=resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw,
        busy=busy,
        stolen=stolen,
        throttles=_throttles(root, used),
        stops=_stops(root),
    )


def reference_loop() -> float:
    """Seconds of the processor that a fixed piece of work takes.

    Time in which others had the processor is not in it, so that it shows the clock.
    """
    started = time.thread_time()
    sum(range(_LOOP))
    return time.thread_time() - started


class Watch:
    """Follows the machine from its making on; `tick` belongs after every round."""

    def __init__(self) -> None:
        self._before = snapshot()
        self._loops: list[float] = []

    def tick(self) -> None:
        """Run the reference loop."""
        self._loops.append(reference_loop())

    def steadiness(self, timings: Sequence[Timing]) -> Steadiness:
        """How steady the machine was until now, and the readings of some timings."""
        return judged(self._before, snapshot(), self._loops, timings, len(processors()))


def judged(
    before: Snapshot,
    after: Snapshot,
    loops: Sequence[float],
    timings: Sequence[Timing],
    processors: int,
) -> Steadiness:
    """What two snapshots, the reference loops between them and the timings say."""
    seconds = max(after.at - before.at, 1e-9)
    busy, stolen = _grown(before.busy, after.busy), _grown(before.stolen, after.stolen)
    own = after.own - before.own
    others = None if busy is None else max(busy - own, 0.0) / (seconds * processors)
    stolen = None if stolen is None else stolen / (seconds * processors)
    slowdown = _slowdown(loops)
    throttles = _whole(_grown(before.throttles, after.throttles))
    stops = _whole(_grown(before.stops, after.stops))
    throttled = [*_throttled(slowdown, throttles, stops)]
    disturbed = [*_disturbed(others, stolen, timings)]
    return Steadiness(
        seconds=seconds,
        others=others,
        stolen=stolen,
        waits=(after.waits - before.waits) / seconds,
        slowdown=slowdown,
        throttles=throttles,
        stops=stops,
        is_throttled=bool(throttled),
        is_disturbed=bool(disturbed),
        problems=(*throttled, *disturbed),
    )


def _throttled(
    slowdown: float, throttles: int | None, stops: int | None
) -> Iterator[str]:
    if throttles:
        yield f"the processor was throttled {throttles} times because of heat"
    if stops:
        yield f"the control group's quota stopped this process {stops} times"
    if slowdown > _SLOWDOWN:
        yield f"the clock changed: a fixed loop took up to {slowdown:.2f} times as long"


def _disturbed(
    others: float | None, stolen: float | None, timings: Sequence[Timing]
) -> Iterator[str]:
    if others is not None and others > _OTHERS:
        yield f"other processes used {100 * others:.0f} % of the processors"
    if stolen is not None and stolen > _STOLEN:
        yield f"other machines on this hardware took {100 * stolen:.0f} % of the time"
    spreads = [each.latency_ms for each in timings]
    scatter = max(((each.high - each.low) / each.median for each in spreads), default=0)
    if scatter > _SCATTER:
        yield f"half of the readings of a network lie {100 * scatter:.0f} % apart"


def _slowdown(loops: Sequence[float]) -> float:
    """The slowest third of the time over the fastest one, by their medians."""
    third = len(loops) // 3
    if not third:
        return 1.0
    parts = (loops[:third], loops[third : len(loops) - third], loops[-third:])
    medians = [median(each) for each in parts]
    return max(medians) / max(min(medians), 1e-9)


def _grown(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _whole(count: float | None) -> int | None:
    return None if count is None else int(count)


def _processor_seconds(root: Path, used: Sequence[int]) -> tuple[float, float] | None:
    """Seconds that some processors were busy, and were not given to this machine."""
    tick = os.sysconf("SC_CLK_TCK")
    names = {f"cpu{each}" for each in used}
    with suppress(OSError, ValueError):
        lines = (root / "proc/stat").read_text().splitlines()
        rows = [line.split()[1:9] for line in lines if line.split()[:1][0] in names]
        # user, nice, system, idle, iowait, irq, softirq, steal
        counts = [[int(each) for each in row] for row in rows]
        busy = sum(sum(row[:3]) + sum(row[5:7]) for row in counts)
        return busy / tick, sum(row[7] for row in counts) / tick
    return None


def _throttles(root: Path, used: Sequence[int]) -> int | None:
    found = None
    for each in used:
        file = f"sys/devices/system/cpu/cpu{each}/thermal_throttle/core_throttle_count"
        with suppress(OSError, ValueError):
            found = (found or 0) + int((root / file).read_text())
    return found


def _stops(root: Path) -> int | None:
    """Periods in which the control group's quota was used up."""
    with suppress(OSError, ValueError):
        for line in (root / "sys/fs/cgroup/cpu.stat").read_text().splitlines():
            if line.startswith("nr_throttled "):
                return int(line.split()[1])
    return None
