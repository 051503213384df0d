"""The noise of a ranking: what another seed would change."""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import kendalltau

from rexpand.records import Interval, RankingNoise, TrialSummary
from rexpand.search.effects import spread
from rexpand.search.intervals import CONFIDENCE, jackknifed, student
from rexpand.search.power import needed, told_apart

_EFFECTS = (0.3, 0.5, 1.0)  # points of accuracy
_MOST_SEEDS = 8  # whose orders are compared in pairs
_PAIR = 2  # of configurations is compared: cells, in the words of `power`

Floats = NDArray[np.float64]


def ranking_noise(trials: Sequence[TrialSummary]) -> RankingNoise | None:
    """Of finished trials and the seeds that all of them have.

    None for fewer than three trials, or two seeds each.
    """
    count = len(trials)
    seeds = min((len(trial.accuracies) for trial in trials), default=0)
    if count < 3 or seeds < 2:
        return None
    table = np.array([trial.accuracies[:seeds] for trial in trials], dtype=float)
    found = spread(table)
    assert found is not None  # there are two of either
    error = found.residual * sqrt(2 / seeds)
    means = table.mean(axis=1)
    variance = float(means.var(ddof=1))
    own = max(variance - found.residual**2 / seeds, 0.0)
    gap = smallest_gap(table.tolist())
    assert gap is not None
    return RankingNoise(
        trials=count,
        seeds=seeds,
        pairs=len(_pairs(seeds)),
        tau=_tau(table),
        spread=found,
        between_trials=sqrt(own),
        reliability=own / variance if variance else 0.0,
        smallest_difference=error * student(found.degrees_of_freedom, CONFIDENCE),
        smallest_gap=gap,
        near_best=int((means > means.max() - gap).sum()) - 1,
        told_apart=told_apart(found.residual, _PAIR, seeds) if found.residual else 0.0,
        needed=tuple(
            needed(effect, found, _PAIR, CONFIDENCE)
            for effect in _EFFECTS
            if found.residual
        ),
    )


def smallest_gap(accuracies: Sequence[Sequence[float]]) -> float | None:
    """From where on the best of all trials and another one differ at 95 % (Bonferroni).

    Of the seeds that all of them have. None for fewer than three trials, or two seeds.
    """
    count = len(accuracies)
    seeds = min(map(len, accuracies), default=0)
    if count < 3 or seeds < 2:
        return None
    found = spread([each[:seeds] for each in accuracies])
    assert found is not None  # there are two of either
    reach = student(found.degrees_of_freedom, 1 - (1 - CONFIDENCE) / (count - 1))
    return found.residual * sqrt(2 / seeds) * reach


def _pairs(seeds: int) -> list[tuple[int, int]]:
    return list(combinations(range(min(seeds, _MOST_SEEDS)), 2))


def _tau(table: Floats) -> Interval:
    """Kendall's tau-b of two seeds, its mean over pairs."""
    return jackknifed(lambda rows: _mean_tau(table[rows]), len(table))


def kendall(first: ArrayLike, second: ArrayLike) -> float:
    """Kendall's tau-b; 0 where one of the two is constant, as it orders nothing."""
    return float(np.nan_to_num(kendalltau(first, second).statistic))


def _mean_tau(table: Floats) -> float:
    pairs = _pairs(table.shape[1])
    return float(np.mean([kendall(table[:, i], table[:, j]) for i, j in pairs]))
