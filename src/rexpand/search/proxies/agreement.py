"""Kendall's tau of scores with accuracies, and its bootstrap over configurations."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rexpand.records import Interval
from rexpand.search.intervals import CONFIDENCE

_DRAWS = 2000
_TAILS = (100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2)

Floats = NDArray[np.float64]
Name = TypeVar("Name", bound=str)


class Agreement:
    """How scores order configurations, against their accuracies.

    Every score sees the same draws of configurations, so that differences are paired.
    """

    def __init__(self, accuracies: ArrayLike, seed: int) -> None:
        count = len(np.asarray(accuracies))
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWS)
        # The first row is the sample itself.
        self._counts = np.concatenate([np.ones((1, count)), drawn])
        self._signs = _signs(accuracies)
        self._pairs = self._sums(np.abs(self._signs))

    def taus(self, scores: ArrayLike) -> Floats:
        """Tau-b of the sample and of every draw of it, (1 + draws,)."""
        signs = _signs(scores)
        both = self._sums(signs * self._signs)
        pairs = self._sums(np.abs(signs)) * self._pairs
        return np.divide(both, np.sqrt(pairs), out=np.zeros_like(both), where=pairs > 0)

    def _sums(self, pairs: Floats) -> Floats:
        """The sum over all pairs of configurations, as often as each was drawn."""
        return np.asarray(((self._counts @ pairs) * self._counts).sum(axis=1))


def interval_of(draws: Floats) -> Interval:
    """The sample's value, and the interval of 95 % between the percentiles of its draws."""
    low, high = np.percentile(draws[1:], _TAILS)
    return Interval(
        mean=float(draws[0]), low=float(low), high=float(high), count=len(draws) - 1
    )


def margins(
    taus: Mapping[Name, Floats], baselines: Sequence[Name]
) -> Mapping[Name, Floats]:
    """Tau less the best one of the baselines, of the sample and of every draw."""
    best = np.max([taus[name] for name in baselines], axis=0)
    return {name: tau - best for name, tau in taus.items() if name not in baselines}


def _signs(values: ArrayLike) -> Floats:
    column = np.asarray(values, dtype=float)
    return np.sign(column[:, None] - column[None, :])
