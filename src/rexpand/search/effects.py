"""Effects of a two-level design, with the spread between seeds as the error.

Every cell c of m has a mean over the same n seeds. The effect of a word w is
(2 / m) sum_c sign_w(c) mean_c: for a main effect, how much higher the mean of the high
cells is than that of the low ones. For an interaction it is half of how much one
factor's effect changes when the other goes from low to high. The model is

    accuracy of cell c with seed s = cell_c + block_s + error_cs

since the same seed gives all cells the same order of images. The residuals
y_cs - mean_c - mean_s + mean have (m - 1)(n - 1) degrees of freedom, and an effect
has the variance 4 sigma^2 / (m n), which is the same for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from rexpand.records import SeedSpread
from rexpand.search.factorial import Factorial, sign
from rexpand.search.intervals import student


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An effect with its interval (Student's t) and its two-sided p value.

    The last three are None without an estimate of the error.
    """

    effect: float
    low: float | None
    high: float | None
    p_value: float | None


def spread(values: ArrayLike) -> SeedSpread | None:
    """The spread of values (cells, seeds); None for fewer than two of either."""
    array = np.asarray(values, dtype=float)
    cells, seeds = array.shape
    if cells < 2 or seeds < 2:
        return None
    by_cell = array.mean(axis=1, keepdims=True)
    by_seed = array.mean(axis=0, keepdims=True)
    residuals = array - by_cell - by_seed + array.mean()
    freedom = (cells - 1) * (seeds - 1)
    residual = (residuals**2).sum() / freedom
    common = by_seed.var(ddof=1) - residual / cells
    return SeedSpread(
        residual=sqrt(residual),
        degrees_of_freedom=freedom,
        within=sqrt(((array - by_cell) ** 2).sum() / (cells * (seeds - 1))),
        between_seeds=sqrt(max(common, 0.0)),
    )


def standard_error(sigma: float, cells: int, seeds: int) -> float:
    """Of any effect of a design with so many cells and seeds each."""
    return 2 * sigma / sqrt(cells * seeds)


def estimates(
    factorial: Factorial, values: Sequence[Sequence[float]], confidence: float
) -> Mapping[str, Estimate]:
    """Every effect of a design by its word, from values (cells, seeds) in run order."""
    array = np.asarray(values, dtype=float)
    cells, seeds = array.shape
    found = spread(array)
    means = array.mean(axis=1)
    effects = {}
    for word in factorial.effects:
        signs = np.array([sign(word, run) for run in factorial.runs])
        effects[word] = _estimate(
            2 / cells * float(signs @ means), found, cells, seeds, confidence
        )
    return effects


def _estimate(
    effect: float, found: SeedSpread | None, cells: int, seeds: int, confidence: float
) -> Estimate:
    error = standard_error(found.residual, cells, seeds) if found else 0.0
    if found is None or not error:
        return Estimate(effect=effect, low=None, high=None, p_value=None)
    freedom = found.degrees_of_freedom
    reach = student(freedom, confidence) * error
    p_value = 2 * float(stdtr(freedom, -abs(effect) / error))
    return Estimate(
        effect=effect, low=effect - reach, high=effect + reach, p_value=p_value
    )
