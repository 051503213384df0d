"""Which trials no other one equals or beats, for many sets of accuracies at once.

Accuracies are (trials, sets) and costs (trials, 1 or 2). The trials are gone through
from the cheapest by their last cost on; `best` holds the most accurate one so far within
each value of the other cost. So fronts and hypervolumes are exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class _Alike:
    """Trials with the same costs: `place` is that of their other cost among its values."""

    trials: Numbers
    place: int
    last_cost: float


def on_front(accuracies: Floats, costs: Floats) -> Mask:
    """Which trials are on the front of each set, (trials, sets).

    Of trials that are equal in everything, the first is.
    """
    count, sets = accuracies.shape
    values = _values(costs)
    best = np.full((len(values), sets), -np.inf)
    found = np.zeros((count, sets), dtype=np.bool_)
    for alike in _in_order(costs, values):
        own = accuracies[alike.trials]
        most = own.max(axis=0)
        winners = alike.trials[own.argmax(axis=0)]
        found[winners, np.arange(sets)] = most > best[alike.place]
        np.maximum(best[alike.place :], most, out=best[alike.place :])
    return found


def hypervolumes(
    accuracies: Floats, costs: Floats, accuracy: float, bounds: Sequence[float]
) -> Floats:
    """The hypervolume of each set in points: the volume over the product of the bounds.

    The reference point is an accuracy and a bound on each cost; what does not reach it
    counts for nothing.
    """
    gains = np.maximum(accuracies - accuracy, 0.0)
    shares = costs / np.asarray(bounds)
    values = _values(shares)
    ends = np.append(values[1:], 1.0) if shares.shape[1] == 2 else np.ones(1)
    starts = values if shares.shape[1] == 2 else np.zeros(1)
    widths = np.clip(ends, 0.0, 1.0) - np.clip(starts, 0.0, 1.0)
    best = np.zeros((len(values), accuracies.shape[1]))
    total = np.zeros(accuracies.shape[1])
    reached = 0.0  # of the last cost, as a share of its bound
    for alike in _in_order(shares, values):
        here = min(alike.last_cost, 1.0)
        if here > reached:
            total += (here - reached) * (widths @ best)
            reached = here
        most = gains[alike.trials].max(axis=0)
        np.maximum(best[alike.place :], most, out=best[alike.place :])
    return np.asarray(total + (1.0 - reached) * (widths @ best))


def knees(accuracies: Floats, costs: Floats, front: Mask) -> Numbers:
    """The trial at the knee of each set's front; -1 where the front has none.

    Accuracy and each cost are scaled to what the front spans, 0 its best and 1 its worst
    value. The knee has the least sum of them: the least Manhattan distance from the
    ideal (arXiv 1705.01705), which with one cost is the point farthest from the line
    through both ends (Das, 1999). A front of fewer than three trials has none, nor has
    one that does not bulge beyond that line or plane.
    """
    columns = [
        -accuracies,
        *(np.broadcast_to(c[:, None], front.shape) for c in costs.T),
    ]
    sums = np.zeros(front.shape)
    for column in columns:
        least = np.where(front, column, np.inf).min(axis=0)
        most = np.where(front, column, -np.inf).max(axis=0)
        span = most - least
        sums += (column - least) / np.where(span > 0, span, 1.0)
    sums = np.where(front, sums, np.inf)
    found = sums.argmin(axis=0)
    bulges = (front.sum(axis=0) > 2) & (sums.min(axis=0) < 1 - 1e-9)
    return np.where(bulges, found, -1)


def _values(costs: Floats) -> Floats:
    """The values of the other cost, ascending; one where there is no other."""
    return np.unique(costs[:, 0]) if costs.shape[1] == 2 else np.zeros(1)


def _in_order(costs: Floats, values: Floats) -> Iterator[_Alike]:
    """The trials by their last cost, then by the other, those with equal costs together."""
    rows, group = np.unique(costs[:, ::-1], axis=0, return_inverse=True)
    group = group.ravel()
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(rows)))
    places = (
        np.searchsorted(values, rows[:, 1])
        if costs.shape[1] == 2
        else np.zeros(len(rows), dtype=np.int64)
    )
    for row, own in enumerate(np.split(order, starts[1:])):
        yield _Alike(trials=own, place=int(places[row]), last_cost=float(rows[row, 0]))
