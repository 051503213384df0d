"""Student's t: the interval of a mean, and the quantile behind every interval."""

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import mean, stdev

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from rexpand.records import Interval

CONFIDENCE = 0.95
_GROUPS = 20  # of rows, left out in turn


def interval(values: Sequence[float]) -> Interval | None:
    """The mean and its interval at 95 %; None of nothing, and without ends of one value."""
    if not values:
        return None
    middle, count = mean(values), len(values)
    if count == 1:
        return Interval(mean=middle, low=None, high=None, count=1)
    reach = student(count - 1, CONFIDENCE) * stdev(values) / sqrt(count)
    return Interval(mean=middle, low=middle - reach, high=middle + reach, count=count)


def jackknifed(statistic: Callable[[NDArray[np.bool_]], float], rows: int) -> Interval:
    """A correlation over rows, with its interval by the jackknife over groups of them.

    `statistic` is given which of the rows count.
    """
    whole = statistic(np.ones(rows, dtype=bool))
    groups = min(_GROUPS, rows)
    group = np.arange(rows) % groups
    left = np.array([statistic(group != each) for each in range(groups)])
    error = sqrt((groups - 1) / groups * float(((left - left.mean()) ** 2).sum()))
    reach = student(groups - 1, CONFIDENCE) * error
    return Interval(
        mean=whole,
        low=max(whole - reach, -1.0),
        high=min(whole + reach, 1.0),
        count=rows,
    )


def student(degrees_of_freedom: float, confidence: float) -> float:
    """How many standard errors an interval of that confidence reaches to either side."""
    return float(stdtrit(degrees_of_freedom, (1 + confidence) / 2))
