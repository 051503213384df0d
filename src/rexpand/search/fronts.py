"""The front of a study, its knee and its hypervolume, and what the seeds leave open.

What another choice of seeds would change is asked by the bootstrap: the residuals of all
trials and seeds, as the model of `effects` leaves them, are drawn again and added to the
means of the trials. Costs are taken as known, a measured latency by its median.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from rexpand.records import (
    Front,
    FrontTrial,
    Hypervolume,
    HypervolumeDifference,
    TrialSummary,
)
from rexpand.records.study_front import MeasureName
from rexpand.search.domination import Floats, Mask, hypervolumes, knees, on_front
from rexpand.search.objectives import cost_of

_RESAMPLES, _FEWEST_RESAMPLES = 1000, 100
_MOST_STEPS = 5e9  # of two costs: trials squared times resamples
_RIVAL = 0.05  # of the resamples: as rare is what chance readily gives
_TAILS = (0.025, 0.975)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What a hypervolume is counted from: an accuracy in percent, and a bound per cost."""

    accuracy: float
    costs: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A front, with the hypervolume of each resample; None with one seed per trial."""

    front: Front
    volumes: Floats | None


def reference_of(
    trials: Sequence[TrialSummary], names: Sequence[str]
) -> Reference | None:
    """The lowest accuracy and the highest costs of some trials; None of no trial."""
    compared = _compared(trials, names)
    if not compared:
        return None
    costs = np.array([each for *_, each in compared])
    return Reference(
        accuracy=min(accuracy for _, accuracy, _ in compared),
        costs=tuple(costs.max(axis=0).tolist()),
    )


def drawn_front(
    trials: Sequence[TrialSummary],
    names: Sequence[str],
    reference: Reference | None = None,
    seed: int = 0,
    measure: MeasureName = "accuracy",
) -> Drawn | None:
    """The front of the finished trials that have every cost named; None of no trial.

    Without a `reference` it is that of the trials themselves.
    """
    compared = _compared(trials, names)
    if not compared:
        return None
    reference = reference or reference_of(trials, names)
    assert reference is not None
    costs = np.array([each for *_, each in compared])
    means = np.array([[accuracy] for _, accuracy, _ in compared])
    front = on_front(means, costs)
    knee = int(knees(means, costs, front)[0])
    noisy = _resampled([trial for trial, *_ in compared], means, costs.shape[1], seed)
    found = _Found(compared=compared, costs=costs, noisy=noisy)
    volumes = None if noisy is None else found.volumes(reference)
    value = hypervolumes(means, costs, reference.accuracy, reference.costs)[0]
    return Drawn(
        front=Front(
            costs=tuple(names),
            candidates=len(compared),
            trials=found.rows(np.flatnonzero(front[:, 0])),
            rivals=found.rows(np.flatnonzero(found.is_rival & ~front[:, 0])),
            knee=None if knee < 0 else compared[knee][0].number,
            hypervolume=_hypervolume(float(value), volumes, reference),
            spans=tuple((costs.min(axis=0) / costs.max(axis=0)).tolist()),
            resamples=0 if noisy is None else noisy.shape[1],
            measure=measure,
        ),
        volumes=volumes,
    )


def differences(
    fronts: Sequence[tuple[str, Drawn]],
) -> tuple[HypervolumeDifference, ...]:
    """Of the hypervolumes of every two studies, which have one reference point."""
    found = []
    for (first, one), (second, other) in combinations(fronts, 2):
        gap = one.front.hypervolume.value - other.front.hypervolume.value
        low, high = None, None
        if one.volumes is not None and other.volumes is not None:
            count = min(len(one.volumes), len(other.volumes))
            low, high = _around(gap, one.volumes[:count] - other.volumes[:count])
        found.append(
            HypervolumeDifference(
                first=first, second=second, difference=gap, low=low, high=high
            )
        )
    return tuple(found)


_Compared = tuple[TrialSummary, float, tuple[float, ...]]


class _Found:
    """The trials that were compared, and what the resamples say of each."""

    def __init__(
        self, compared: Sequence[_Compared], costs: Floats, noisy: Floats | None
    ) -> None:
        self._compared = compared
        self._costs = costs
        self._noisy = noisy
        count = len(compared)
        self.front_shares = self.knee_shares = np.zeros(count)
        self._ever: Mask = np.zeros(count, dtype=np.bool_)
        if noisy is not None:
            front = on_front(noisy, costs)
            self._ever = np.asarray(front.any(axis=1))
            turns = knees(noisy, costs, front)
            resamples = noisy.shape[1]
            self.front_shares = front.mean(axis=1)
            self.knee_shares = (
                np.bincount(turns[turns >= 0], minlength=count) / resamples
            )

    @property
    def is_rival(self) -> Mask:
        return np.asarray(self.front_shares >= _RIVAL)

    def volumes(self, reference: Reference) -> Floats:
        """Of each resample; what is on no front adds nothing."""
        assert self._noisy is not None
        return hypervolumes(
            self._noisy[self._ever],
            self._costs[self._ever],
            reference.accuracy,
            reference.costs,
        )

    def rows(self, places: NDArray[np.intp]) -> tuple[FrontTrial, ...]:
        """Some of the trials, the cheapest first."""
        is_known = self._noisy is not None
        found = [
            FrontTrial(
                trial=trial.number,
                channels=trial.channels,
                accuracy=accuracy,
                costs=costs,
                front_share=float(self.front_shares[place]) if is_known else None,
                knee_share=float(self.knee_shares[place]) if is_known else None,
            )
            for place in places.tolist()
            for trial, accuracy, costs in [self._compared[place]]
        ]
        return tuple(sorted(found, key=lambda row: (row.costs, row.trial)))


def _compared(trials: Sequence[TrialSummary], names: Sequence[str]) -> list[_Compared]:
    """The finished trials that have every cost, with their accuracy and those costs."""
    found: list[_Compared] = []
    for trial in trials:
        costs = [cost_of(trial, name) for name in names]
        known = tuple(cost for cost in costs if cost is not None)
        if trial.accuracy is not None and len(known) == len(names):
            found.append((trial, trial.accuracy, known))
    return found


def _resampled(
    trials: Sequence[TrialSummary], means: Floats, costs: int, seed: int
) -> Floats | None:
    """Mean accuracies as other seeds might give them, (trials, resamples).

    None for fewer than two trials or seeds.
    """
    count = len(trials)
    seeds = min(len(trial.accuracies) for trial in trials)
    if count < 2 or seeds < 2:
        return None
    table = np.array([trial.accuracies[:seeds] for trial in trials])
    by_seed = table.mean(axis=0, keepdims=True)
    residuals = table - table.mean(axis=1, keepdims=True) - by_seed + table.mean()
    # Fitted means take part of the spread out of residuals.
    residuals *= sqrt(count * seeds / ((count - 1) * (seeds - 1)))
    resamples = _RESAMPLES
    if costs > 1:
        fits = int(_MOST_STEPS / count**2)
        resamples = min(max(fits, _FEWEST_RESAMPLES), _RESAMPLES)
    rng = np.random.default_rng(seed)
    shifts = np.zeros((count, resamples))
    for _ in range(seeds):
        shifts += rng.choice(residuals.ravel(), shifts.shape)
    return np.asarray(means + shifts / seeds)


def _hypervolume(
    value: float, volumes: Floats | None, reference: Reference
) -> Hypervolume:
    low, high = (None, None) if volumes is None else _around(value, volumes)
    return Hypervolume(
        value=value,
        low=None if low is None else max(low, 0.0),
        high=high,
        reference_accuracy=reference.accuracy,
        reference_costs=reference.costs,
    )


def _around(value: float, resampled: Floats) -> tuple[float, float]:
    """The basic bootstrap's interval of 95 %.

    A front takes the luckiest trials, a front of resamples the luckiest of those again:
    the interval turned around at the value takes out as much luck as was put in.
    """
    low, high = np.quantile(resampled, _TAILS)
    return 2 * value - float(high), 2 * value - float(low)
