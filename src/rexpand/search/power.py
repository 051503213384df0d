"""How many seeds tell an effect from 0, and what effect a number of seeds tells.

The test is the two-sided t test of an effect (`effects.py`). With a true effect d its
statistic has a noncentral t distribution of noncentrality d / standard error: the power
is that of a normal test, averaged over the spread that the residuals may show.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np
from scipy.special import chdtri, ndtr

from rexpand.records import SeedsNeeded, SeedSpread
from rexpand.search.effects import standard_error
from rexpand.search.intervals import student

LEVEL = 0.05
POWER = 0.8
_MOST_SEEDS = 1_000_000
_BISECTIONS = 60
_TAILS = (np.arange(1000) + 0.5) / 1000  # of chi2, equally probable


def power(effect: float, sigma: float, cells: int, seeds: int) -> float:
    """The chance that the test finds a true effect, with sigma estimated as it is."""
    freedom = (cells - 1) * (seeds - 1)
    shift = abs(effect) / standard_error(sigma, cells, seeds)
    # The estimated sigma is the true one times the root of chi2 / freedom.
    estimated = np.sqrt(chdtri(freedom, _TAILS) / freedom)
    critical = student(freedom, 1 - LEVEL) * estimated
    return float((ndtr(shift - critical) + ndtr(-shift - critical)).mean())


def seeds_needed(effect: float, sigma: float, cells: int) -> int:
    """The fewest seeds per cell, two or more, with a power of 80 %."""
    return _least(lambda seeds: power(effect, sigma, cells, seeds) >= POWER)


def needed(
    effect: float, found: SeedSpread, cells: int, confidence: float
) -> SeedsNeeded:
    """The seeds that an effect needs by a measured spread, and how sure that number is."""
    freedom, tail = found.degrees_of_freedom, (1 - confidence) / 2
    scale = found.residual * sqrt(freedom)
    least = scale / sqrt(float(chdtri(freedom, tail)))
    most = scale / sqrt(float(chdtri(freedom, 1 - tail)))
    return SeedsNeeded(
        effect=effect,
        seeds=seeds_needed(effect, found.residual, cells),
        low=seeds_needed(effect, least, cells),
        high=seeds_needed(effect, most, cells),
    )


def told_apart(sigma: float, cells: int, seeds: int) -> float:
    """The least effect that so many seeds find with a power of 80 %."""
    low, high = 0.0, standard_error(sigma, cells, seeds)
    while power(high, sigma, cells, seeds) < POWER:
        high *= 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if power(middle, sigma, cells, seeds) < POWER:
            low = middle
        else:
            high = middle
    return high


def _least(holds: Callable[[int], bool]) -> int:
    """The least number from 2 on that holds, where all above it hold too."""
    high = 2
    while not holds(high) and high < _MOST_SEEDS:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
