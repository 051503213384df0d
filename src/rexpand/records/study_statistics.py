"""How far the ranking of a study can be trusted, and how its shapes compare."""

from dataclasses import dataclass

from rexpand.records.factorial import SeedsNeeded, SeedSpread
from rexpand.records.spread import Interval


@dataclass(frozen=True, kw_only=True)
class RankingNoise:
    """What the seeds of the finished trials say of the ranking; accuracies in points.

    `tau` is Kendall's correlation of the orders that two seeds give, the mean over
    `pairs` of seeds, with its interval. `between_trials` is the standard deviation of
    the configurations themselves, `reliability` the share of the variance of the trials'
    means that is theirs.

    From `smallest_difference` on, two configurations that were chosen beforehand differ
    by more than chance at 95 %; from `smallest_gap` on, the best and another one, as it
    is the best of all. `near_best` others are nearer than that. `told_apart` is the
    difference that a comparison of two configurations with as many seeds finds with a
    power of 80 %, `needed` how many seeds some differences need.
    """

    trials: int
    seeds: int
    pairs: int
    tau: Interval
    spread: SeedSpread
    between_trials: float
    reliability: float
    smallest_difference: float
    smallest_gap: float
    near_best: int
    told_apart: float
    needed: tuple[SeedsNeeded, ...]


@dataclass(frozen=True, kw_only=True)
class ErrorDistribution:
    """The share of trials with at most an error, with its band of 95 %.

    `error` is in percent, 100 less accuracy; the shares are from 0 to 1. Trials count by
    their weights, as `count` equal ones do. The band holds for the whole curve at once
    (Dvoretzky, Kiefer and Wolfowitz); of many trials some points are left out.
    """

    count: float
    reach: float
    error: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ShapeAccuracy:
    """The accuracies of the finished trials of a shape, in percent."""

    shape: str
    accuracy: Interval
    best: float


@dataclass(frozen=True, kw_only=True)
class ShapeComparison:
    """The accuracies of two shapes: means, and whole distributions.

    `difference` is the first's mean less the second's, in points, with Welch's interval
    of 95 %. `p_value` is of Welch's test, `adjusted` the same by Holm over all pairs of
    shapes. `ks_distance` is the largest difference of both distribution functions,
    `ks_p_value` that of Kolmogorov and Smirnov's test.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p_value: float
    adjusted: float
    ks_distance: float
    ks_p_value: float
