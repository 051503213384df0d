"""Medians of rounds with their intervals, and the verdict that follows from them."""

from collections.abc import Sequence
from functools import cache
from statistics import median, quantiles

import numpy as np
from numpy.typing import NDArray

from rexpand.records import LatencyVerdict, MedianSpread

# Two builds of one network differ by as much: addresses decide what the caches hold.
LEAST_DIFFERENCE = 0.01
_ERROR = 0.05  # of the interval, both sides together
_RESAMPLES = 10_000
_FEW = 9  # rounds: of fewer, resampling covers the median less often than it says
_FEWEST = 6  # rounds: the whole range of fewer holds the median with less than 95 %


def median_spread(values: Sequence[float]) -> MedianSpread:
    """Median, quartiles, and the interval of the median."""
    least, most = median_interval(values)
    low, _, high = (
        quantiles(values, n=4, method="inclusive")
        if len(values) > 1
        else 3 * (values[0],)
    )
    return MedianSpread(
        median=median(values),
        low=low,
        high=high,
        least=least,
        most=most,
        count=len(values),
    )


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """What holds the median with 95 %: the percentile bootstrap's interval.

    Nothing is assumed of how values are spread; equal values give equal intervals. Of
    fewer than nine values it is the least and the largest.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    if len(ordered) < _FEW:
        return float(ordered[0]), float(ordered[-1])
    below, above = _middles(len(ordered))
    medians = np.sort((ordered[below] + ordered[above]) / 2)
    dropped = int(_RESAMPLES * _ERROR / 2)
    return float(medians[dropped]), float(medians[-1 - dropped])


@cache
def _middles(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which of `count` ordered values are in the middle of each resample.

    A resample's median depends on nothing else, so that one drawing does for all.
    """
    drawn = np.random.default_rng(0).integers(count, size=(_RESAMPLES, count))
    drawn.partition((half := (count - 1) // 2, count // 2))
    return drawn[:, half].copy(), drawn[:, count // 2].copy()


def verdict_of(ratio: MedianSpread) -> LatencyVerdict:
    """Faster or slower than what the ratio is to: by 1 % at least, with 95 %.

    "No difference" is where the interval does not lie beyond 1 %, or rounds are fewer
    than six.
    """
    if ratio.count < _FEWEST:
        return "no difference"
    if ratio.least > 1 + LEAST_DIFFERENCE:
        return "slower"
    if ratio.most < 1 / (1 + LEAST_DIFFERENCE):
        return "faster"
    return "no difference"
