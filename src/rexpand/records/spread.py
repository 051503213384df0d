"""How far values of a sample lie apart, and how well their mean is known."""

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


def sample_std(values: Sequence[float]) -> float | None:
    """The sample's standard deviation (over n - 1); one value has none."""
    return stdev(values) if len(values) > 1 else None
