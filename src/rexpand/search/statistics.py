"""Statistics of a study: groups, fitted lines, permutation tests, correlations."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from statistics import correlation, linear_regression

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rexpand.records import GroupSummary, PermutationTest, TrialSummary
from rexpand.records.study import GroupName
from rexpand.search.lines import line_band
from rexpand.search.objectives import MEASURED, cost_of

_PERMUTATIONS = 10_000
_AT_A_TIME = 500  # of them, which bounds the memory


def group_of(rank: int, trials: int) -> GroupName | None:
    """The group of a rank (0 is best): top 10 %, ranks 50 to 60 %, bottom 10 %.

    Each has at least one trial; with fewer than three trials there are no groups.
    """
    size = max(1, trials // 10)
    middle = min(trials // 2, trials - 2 * size)
    if trials < 3:
        return None
    if rank < size:
        return "top"
    if middle <= rank < middle + size:
        return "middle"
    return "bottom" if rank >= trials - size else None


def summarise_group(name: GroupName, trials: Sequence[TrialSummary]) -> GroupSummary:
    """Means and spreads of a group of finished trials, and the line through its mean.

    Trials count by their weights.
    """
    weights = np.array([trial.weight for trial in trials])
    channels = np.array([trial.channels for trial in trials], dtype=float)
    means, stds = weighted(channels, weights)
    slope, intercept, r_squared = fit_line(means.tolist())
    columns = [(_accuracy(trial), trial.params, trial.macs) for trial in trials]
    (accuracy, params, macs), spreads = weighted(columns, weights)
    best = max(trials, key=_accuracy)
    return GroupSummary(
        name=name,
        trials=tuple(trial.number for trial in trials),
        accuracy_mean=float(accuracy),
        accuracy_std=spreads[0],
        params_mean=float(params),
        params_std=spreads[1],
        macs_mean=float(macs),
        macs_std=spreads[2],
        channels_mean=tuple(means.tolist()),
        channels_std=stds,
        slope=slope,
        intercept=intercept,
        r_squared=r_squared,
        band=line_band(channels, weights, seed=0),
        best_channels=best.channels,
        best_accuracy=_accuracy(best),
    )


def weighted(
    rows: ArrayLike, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[float | None, ...]]:
    """Weighted mean and standard deviation of each column; of one row there is none.

    With equal weights it is the deviation of a sample, over n - 1.
    """
    values = np.asarray(rows, dtype=float)
    shares = weights / weights.sum()
    # From the first row on, so that equal values have exactly their own mean.
    means = values[0] + shares @ (values - values[0])
    count = len(values)
    if count < 2:
        return means, (None,) * values.shape[1]
    variances = shares @ (values - means) ** 2 * count / (count - 1)
    return means, tuple(np.sqrt(variances).tolist())


def fit_line(channels: Sequence[float]) -> tuple[float, float, float]:
    """Slope, intercept and R2 of the least-squares line over the block index from 0.

    Channels that are all equal are a line exactly: R2 is 1.
    """
    if len(set(channels)) == 1:
        return 0.0, channels[0], 1.0
    index = range(len(channels))
    line = linear_regression(index, channels)
    return line.slope, line.intercept, correlation(index, channels) ** 2


def linearity(channels: ArrayLike) -> NDArray[np.float64]:
    """R2 of the line through each configuration, 1 where all its channels are equal."""
    rows = np.asarray(channels, dtype=float)
    index = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
    own = rows - rows.mean(axis=1, keepdims=True)
    spread = (own**2).sum(axis=1) * (index**2).sum()
    return np.divide(
        (own @ index) ** 2, spread, out=np.ones(len(rows)), where=spread > 0
    )


def permutation_test(
    first: GroupSummary, second: GroupSummary, trials: Sequence[TrialSummary], seed: int
) -> PermutationTest:
    """Whether two groups' mean channels differ more than those of random regroupings.

    All regroupings are tried where they are few, else 10,000 random ones. A trial takes
    its weight into its new group.
    """
    known = {trial.number: trial for trial in trials}
    pooled = [known[number] for number in (*first.trials, *second.trials)]
    weights = np.array([trial.weight for trial in pooled])
    channels = np.array([trial.channels for trial in pooled], dtype=float)
    distances = np.concatenate(
        [
            _distances(channels, weights, chosen)
            for chosen in _regroupings(len(pooled), len(first.trials), seed)
        ]
    )
    return PermutationTest(
        first=first.name,
        second=second.name,
        distance=float(distances[0]),
        # The regrouping that was observed is among them, so the least p is 1 / n.
        p_value=float((distances >= distances[0] * (1 - 1e-12)).mean()),
        permutations=len(distances),
    )


def _distances(
    channels: NDArray[np.float64],
    weights: NDArray[np.float64],
    chosen: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Root mean square distance of both groups' means for each regrouping."""
    inside = np.zeros((len(chosen), len(channels)))
    np.put_along_axis(inside, chosen, 1.0, axis=1)
    inside *= weights
    outside = weights - inside
    gaps = _means(inside, channels) - _means(outside, channels)
    return np.asarray(np.sqrt((gaps**2).mean(axis=1)))


def _means(
    weights: NDArray[np.float64], channels: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.asarray(weights @ channels / weights.sum(axis=1, keepdims=True))


def _regroupings(pooled: int, size: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Index sets of the first group, the observed one first, some at a time."""
    if comb(pooled, size) <= _PERMUTATIONS:
        yield np.array(list(combinations(range(pooled), size)))
        return
    rng = np.random.default_rng(seed)
    for start in range(0, _PERMUTATIONS, _AT_A_TIME):
        # The trials of the least numbers, in any order.
        drawn = rng.random((_AT_A_TIME, pooled)).argpartition(size - 1, axis=1)[
            :, :size
        ]
        if start == 0:
            drawn[0] = np.arange(size)
        yield drawn


def rank_correlations(trials: Sequence[TrialSummary]) -> dict[str, float]:
    """Spearman's correlation of accuracy with costs, ranks and linearity.

    `linearity` is the R2 of the line through a configuration. A constant says nothing
    and is left out, and so is everything with fewer than three trials.
    """
    if len(trials) < 3:
        return {}
    columns: dict[str, list[float | None]] = {
        "macs": [trial.macs for trial in trials],
        "params": [trial.params for trial in trials],
        "activations": [trial.activations for trial in trials],
        "memory_access": [trial.memory_access for trial in trials],
        "predicted_latency_ms": [trial.predicted_latency_ms for trial in trials],
        "nuclear_norm": [trial.nuclear_norm for trial in trials],
        "effective_rank": [trial.effective_rank for trial in trials],
        "linearity": list(linearity([trial.channels for trial in trials])),
    }
    for runtime in sorted({each.runtime for t in trials for each in t.latencies}):
        name = f"{MEASURED}:{runtime}"
        columns[name] = [cost_of(trial, name) for trial in trials]
    accuracies = [_accuracy(trial) for trial in trials]
    found = {
        name: spearman(accuracies, [value for value in values if value is not None])
        for name, values in columns.items()
        if None not in values
    }
    return {name: value for name, value in found.items() if value is not None}


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rank correlation; None for fewer than three pairs or a constant."""
    if len(first) < 3 or len(set(first)) == 1 or len(set(second)) == 1:
        return None
    return correlation(_ranks(first), _ranks(second))


def _ranks(values: Sequence[float]) -> list[float]:
    """Rank of each value from 1, ties sharing their mean rank."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(counts) - (counts - 1) / 2
    return [float(rank) for rank in mean_ranks[places]]


def _accuracy(trial: TrialSummary) -> float:
    assert trial.accuracy is not None  # only finished trials are grouped
    return trial.accuracy
