"""Student's t: the interval of a mean, and the quantile behind every interval."""

from collections.abc import Sequence
from math import sqrt
from statistics import mean, stdev

from scipy.special import stdtrit

from rexpand.records import Interval

CONFIDENCE = 0.95


def interval(values: Sequence[float]) -> Interval | None:
    """The mean and its interval at 95 %; None of nothing, and without ends of one value."""
    if not values:
        return None
    middle, count = mean(values), len(values)
    if count == 1:
        return Interval(mean=middle, low=None, high=None, count=1)
    reach = student(count - 1, CONFIDENCE) * stdev(values) / sqrt(count)
    return Interval(mean=middle, low=middle - reach, high=middle + reach, count=count)


def student(degrees_of_freedom: float, confidence: float) -> float:
    """How many standard errors an interval of that confidence reaches to either side."""
    return float(stdtrit(degrees_of_freedom, (1 + confidence) / 2))
