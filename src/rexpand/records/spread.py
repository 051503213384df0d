"""How far values of a sample lie apart, and how well their middle is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

from rexpand.records.record import Measured


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean with its confidence interval (Student's t) over `count` values.

    A single value has no interval: `low` and `high` are then None.
    """

    mean: Measured
    low: Measured | None
    high: Measured | None
    count: int


@dataclass(frozen=True, kw_only=True)
class Quartiles:
    """The median of `count` rounds and its quartiles."""

    median: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, kw_only=True)
class MedianSpread:
    """A median of `count` rounds, its quartiles, and the interval that it lies in.

    The interval, `least` to `most`, is the bootstrap's, of 95 %
    (`rexpand.latency.intervals`).
    """

    median: float
    low: float
    high: float
    least: float
    most: float
    count: int


def sample_std(values: Sequence[float]) -> float | None:
    """The sample's standard deviation (over n - 1); one value has none."""
    return stdev(values) if len(values) > 1 else None
