"""Whole distributions of accuracy: the error distribution function, shape by shape."""

import warnings
from collections.abc import Sequence
from itertools import combinations
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr
from scipy.stats import ks_2samp

from rexpand.budget import SHAPES, effective_number
from rexpand.records import (
    ErrorDistribution,
    ShapeAccuracy,
    ShapeComparison,
    TrialSummary,
)
from rexpand.search.intervals import CONFIDENCE, interval, student

_MOST_POINTS = 400  # of a curve

Floats = NDArray[np.float64]


def error_distribution(trials: Sequence[TrialSummary]) -> ErrorDistribution | None:
    """Of finished trials; None without any.

    The band is share plus and minus sqrt(ln(2 / 0.05) / 2n), for n equal weights.
    """
    if not trials:
        return None
    errors = 100 - _accuracies(trials)
    weights = np.array([trial.weight for trial in trials])
    order = np.argsort(errors, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    count = effective_number(weights)
    reach = sqrt(log(2 / (1 - CONFIDENCE)) / (2 * count))
    # Evenly by rank, with both ends.
    shown = np.unique(np.linspace(0, len(order) - 1, _MOST_POINTS).round().astype(int))
    share = np.minimum(share[shown], 1.0)
    return ErrorDistribution(
        count=count,
        reach=reach,
        error=tuple(errors[order][shown].tolist()),
        share=tuple(share.tolist()),
        low=tuple(np.maximum(share - reach, 0.0).tolist()),
        high=tuple(np.minimum(share + reach, 1.0).tolist()),
    )


def shape_accuracies(trials: Sequence[TrialSummary]) -> tuple[ShapeAccuracy, ...]:
    """Of each shape with a finished trial: the mean with its interval, and the best."""
    found = []
    for shape, accuracies in _by_shape(trials).items():
        mean = interval(accuracies.tolist())
        assert mean is not None  # a shape here has a trial
        found.append(
            ShapeAccuracy(shape=shape, accuracy=mean, best=float(accuracies.max()))
        )
    return tuple(found)


def shape_comparisons(trials: Sequence[TrialSummary]) -> tuple[ShapeComparison, ...]:
    """Every two shapes with two finished trials each, or more."""
    groups = {
        shape: accuracies
        for shape, accuracies in _by_shape(trials).items()
        if len(accuracies) > 1
    }
    pairs = list(combinations(groups, 2))
    tests = [_welch(groups[first], groups[second]) for first, second in pairs]
    adjusted = holm([p_value for *_, p_value in tests])
    found = []
    for (first, second), (low, high, p_value), own in zip(
        pairs, tests, adjusted, strict=True
    ):
        distance, ks_p_value = _kolmogorov_smirnov(groups[first], groups[second])
        found.append(
            ShapeComparison(
                first=first,
                second=second,
                difference=float(groups[first].mean() - groups[second].mean()),
                low=low,
                high=high,
                p_value=p_value,
                adjusted=own,
                ks_distance=distance,
                ks_p_value=ks_p_value,
            )
        )
    return tuple(found)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of several tests, so that all of them hold at once (Holm, 1979)."""
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    sorted_ = np.minimum(np.maximum.accumulate(np.sort(p_values) * factors), 1.0)
    found = np.empty(len(p_values))
    found[order] = sorted_
    return [float(each) for each in found]


def _welch(first: Floats, second: Floats) -> tuple[float, float, float]:
    """The interval of the difference of two means, and the p of Welch's test (1947).

    scipy's test warns where the trials of one shape are equal, which is no fault here.
    """
    gap = float(first.mean() - second.mean())
    own = [float(each.var(ddof=1)) / len(each) for each in (first, second)]
    error = sqrt(sum(own))
    if error == 0:  # of constants the difference is known
        return gap, gap, float(gap == 0)
    parts = [
        of**2 / (len(each) - 1) for of, each in zip(own, (first, second), strict=True)
    ]
    freedom = error**4 / sum(parts)
    reach = student(freedom, CONFIDENCE) * error
    return gap - reach, gap + reach, 2 * float(stdtr(freedom, -abs(gap) / error))


def _kolmogorov_smirnov(first: Floats, second: Floats) -> tuple[float, float]:
    """The largest difference of both distribution functions, and the p of the test."""
    with warnings.catch_warnings():
        # Of a p that rounds to just above 1 scipy says that it goes on without it.
        warnings.filterwarnings("ignore", "ks_2samp: Exact calculation unsuccessful")
        found = ks_2samp(first, second)
    return float(found.statistic), float(found.pvalue)


def _by_shape(trials: Sequence[TrialSummary]) -> dict[str, Floats]:
    names = np.array([trial.shape for trial in trials])
    accuracies = _accuracies(trials)
    return {shape: accuracies[own] for shape in SHAPES if (own := names == shape).any()}


def _accuracies(trials: Sequence[TrialSummary]) -> Floats:
    return np.array([trial.accuracy for trial in trials], dtype=float)
