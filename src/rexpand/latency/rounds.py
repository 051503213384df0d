"""Timing calls against each other, so that the comparison can be trusted.

Every call runs once per round, and each round starts with another call: what slows the
machine for a while slows all of them. A ratio is then the median of the per-round
ratios, never a quotient of two numbers from different times.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import median, quantiles

Call = Callable[[], object]
Clock = Callable[[], float]
_LEAST_SECONDS = 0.02  # of one reading: shorter calls are repeated within it


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The median of `count` rounds and its quartiles."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Milliseconds of one run, and how many times the first call's that is.

    `ratios` are those of the single rounds.
    """

    name: str
    latency_ms: Spread
    ratio: Spread
    ratios: tuple[float, ...]

    @property
    def verdict(self) -> bool | None:
        """Whether it is slower than the first one; None where chance could say so.

        More rounds must agree than two standard deviations of a fair coin.
        """
        slower = sum(ratio > 1 for ratio in self.ratios)
        if abs(2 * slower - len(self.ratios)) <= 2 * sqrt(len(self.ratios)):
            return None
        return 2 * slower > len(self.ratios)


def interleaved(
    calls: Mapping[str, Call],
    *,
    rounds: int = 15,
    warm_up: int = 2,
    clock: Clock = time.perf_counter,
) -> tuple[Timing, ...]:
    """Each call's time, and its ratio to the first one's, over interleaved rounds.

    `clock` gives seconds.
    """
    names = [*calls]
    repeats = {name: _repeats(calls[name], warm_up, clock) for name in names}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            seconds[name].append(_seconds(calls[name], repeats[name], clock))
    return tuple(_timing(name, seconds[name], seconds[names[0]]) for name in names)


def _timing(name: str, own: Sequence[float], first: Sequence[float]) -> Timing:
    ratios = tuple(mine / theirs for mine, theirs in zip(own, first, strict=True))
    return Timing(
        name=name,
        latency_ms=spread([1e3 * each for each in own]),
        ratio=spread(ratios),
        ratios=ratios,
    )


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles of some values."""
    if len(values) < 2:
        return Spread(median=values[0], low=values[0], high=values[0], count=1)
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(median=median(values), low=low, high=high, count=len(values))


def _repeats(call: Call, warm_up: int, clock: Clock) -> int:
    """Runs per reading; the first ones, which fill caches, are thrown away."""
    for _ in range(warm_up):
        call()
    return max(1, ceil(_LEAST_SECONDS / max(_seconds(call, 1, clock), 1e-9)))


def _seconds(call: Call, repeats: int, clock: Clock) -> float:
    started = clock()
    for _ in range(repeats):
        call()
    return (clock() - started) / repeats
