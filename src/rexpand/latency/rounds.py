"""Timing calls against each other, so that the comparison can be trusted.

Every call runs once per round, and each round starts with another call: what slows the
machine for a while slows all of them. A ratio is then the median of the per-round
ratios, never a quotient of two numbers from different times.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from statistics import median

from rexpand.latency.intervals import median_spread, verdict_of
from rexpand.records import LatencyVerdict, MedianSpread

Call = Callable[[], object]
Clock = Callable[[], float]

_LEAST_SECONDS = 0.02  # of one reading: shorter calls are repeated within it
_SHORT = 0.1  # seconds: what is shorter runs once before each reading, uncounted
_WINDOW = 5  # runs of a warm-up that are compared with as many before them
_STEADY = 0.02  # of the time: a smaller gain is chance
_LONGEST = 10.0  # seconds of a warm-up


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Milliseconds of one run, and how many times the first call's that is, by round."""

    name: str
    readings_ms: tuple[float, ...]
    ratios: tuple[float, ...]

    @cached_property
    def latency_ms(self) -> MedianSpread:
        """The median of the readings with its interval."""
        return median_spread(self.readings_ms)

    @cached_property
    def ratio(self) -> MedianSpread:
        """The median of the ratios to the first call with its interval."""
        return median_spread(self.ratios)

    @property
    def verdict(self) -> LatencyVerdict:
        """Whether it is faster or slower than the first call, by 1 % at least."""
        return verdict_of(self.ratio)


def interleaved(
    calls: Mapping[str, Call],
    *,
    rounds: int = 15,
    until: Callable[[tuple[Timing, ...]], bool] | None = None,
    most_rounds: int = 0,
    clock: Clock = time.perf_counter,
    on_round: Callable[[], object] = lambda: None,
) -> tuple[Timing, ...]:
    """Each call's times and ratios to the first one's, over interleaved rounds.

    Each call is warmed up first. `clock` gives seconds; `on_round` hears of every round
    that is done. With `until`, as many rounds are added again until it is true of the
    timings or there are `most_rounds`.
    """
    names = [*calls]
    usual = {name: warmed(calls[name], clock) for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    while True:
        with _without_collections():
            for turn in range(rounds):
                first = turn % len(names)
                for name in (*names[first:], *names[:first]):
                    reading = _seconds(calls[name], usual[name], clock)
                    seconds[name].append(reading)
                on_round()
        found = tuple(_timing(each, seconds[each], seconds[names[0]]) for each in names)
        done = len(seconds[names[0]])
        if until is None or done + rounds > most_rounds or until(found):
            return found


def _timing(name: str, own: Sequence[float], first: Sequence[float]) -> Timing:
    return Timing(
        name=name,
        readings_ms=tuple(1e3 * each for each in own),
        ratios=tuple(mine / theirs for mine, theirs in zip(own, first, strict=True)),
    )


def _seconds(call: Call, usual: float, clock: Clock) -> float:
    """Of one run. A short call first finds its weights in the caches again, and the
    threads of the call before it asleep."""
    if usual < _SHORT:
        call()
    repeats = max(1, ceil(_LEAST_SECONDS / max(usual, 1e-9)))
    started = clock()
    for _ in range(repeats):
        call()
    return (clock() - started) / repeats


def warmed(call: Call, clock: Clock = time.perf_counter) -> float:
    """Run a call until its time falls no more; gives the seconds of one run.

    The last five runs are compared with the five before them. What takes seconds, or
    never gets steady, is left after ten seconds.
    """
    begun = clock()
    call()  # the first run allocates, and may compile
    seconds: list[float] = []
    while not _is_steady(seconds):
        started = clock()
        call()
        seconds.append(clock() - started)
        if clock() - begun > _LONGEST:
            break
    return median(seconds[-_WINDOW:])


def _is_steady(seconds: Sequence[float]) -> bool:
    if len(seconds) < 2 * _WINDOW:
        return False
    before, last = seconds[-2 * _WINDOW : -_WINDOW], seconds[-_WINDOW:]
    return median(last) >= (1 - _STEADY) * median(before)


@contextmanager
def _without_collections() -> Iterator[None]:
    """No collection of Python's garbage falls into a reading."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
