"""The configurations of a sample, in equal shares of every shape as far as they go."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Floats
from rexpand.budget.shapes import SHAPES
from rexpand.budget.supply import Supply

_ROUNDS = 60  # of drawing new shapes for those that are missing
_MOST_DOUBLINGS = 6  # of the tries, where rounds find little
_MOST_TRIES = 20_000
_RARE = 1000  # tries for one new configuration: the shape has no more

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Found = tuple[Floats, int]  # channels, and the index of their shape


@dataclass(frozen=True, kw_only=True)
class Round:
    """How many of each shape to try next, and whether they must fill both bounds.

    Who draws them appends what fits to `found`.
    """

    tries: Counts
    is_strict: Mask
    found: list[Found] = field(default_factory=list)


class Collection:
    """Distinct configurations, in an order in which the shapes take turns.

    So the beginning of a sample has equal shares too. A shape of `is_strict` has to fill
    both bounds as long as such configurations are found. What a shape cannot give is
    shared by the others.
    """

    def __init__(self, rng: np.random.Generator, is_strict: Mask) -> None:
        self.chosen: list[Found] = []
        self._is_strict = is_strict
        self._turns = rng.permutation(len(SHAPES))
        self._of_shape: list[list[Floats]] = [[] for _ in SHAPES]
        self._known: set[bytes] = set()
        self._supplies = [Supply() for _ in SHAPES]

    def rounds(self, goal: int) -> Iterator[Round]:
        """What to try until there are `goal`, or no more are found.

        It ends at once where there cannot be as many.
        """
        counts = self._counts()
        doublings = np.zeros(len(SHAPES), dtype=np.int64)
        is_strict = self._is_strict.copy()
        is_open = np.ones(len(SHAPES), dtype=np.bool_)
        for _ in range(_ROUNDS):
            before = self._counts()
            goals = equal_shares(goal, before, is_open, self._turns)
            missing = goals - before
            if not missing.any():
                break
            # A quarter more than is missing: some repeat, some do not fit.
            tries = np.where(missing, missing + missing // 4 + 4, 0) << doublings
            tries = np.minimum(tries, np.maximum(_MOST_TRIES, 2 * missing))
            each = Round(tries=tries, is_strict=is_strict.copy())
            yield each
            self._keep(each, goals)
            if sum(supply.most for supply in self._supplies) < goal:
                break
            new = self._counts() - before
            is_most = (doublings == _MOST_DOUBLINGS) | (tries >= _MOST_TRIES)
            is_over = is_most & (new * _RARE < tries)
            is_open &= ~is_over | is_strict
            doublings += (4 * new < missing) & (doublings < _MOST_DOUBLINGS)
            doublings[is_over] = 0
            is_strict &= ~is_over
        self._choose(counts)

    def _counts(self) -> Counts:
        return np.array([len(rows) for rows in self._of_shape])

    def _keep(self, done: Round, goals: Counts) -> None:
        """Those that are new and wanted."""
        for supply, tries in zip(self._supplies, done.tries.tolist(), strict=True):
            supply.tried(tries)
        for channels, shape in done.found:
            rows, key = self._of_shape[shape], channels.tobytes()
            self._supplies[shape].saw(key)
            if len(rows) < goals[shape] and key not in self._known:
                self._known.add(key)
                rows.append(channels)

    def _choose(self, counts: Counts) -> None:
        """Append what was found since there were `counts`, the shapes in turns."""
        places = {int(shape): place for place, shape in enumerate(self._turns)}
        new = [
            (number, places[shape], shape)
            for shape, rows in enumerate(self._of_shape)
            for number in range(counts[shape], len(rows))
        ]
        self.chosen += [
            (self._of_shape[shape][number], shape) for number, _, shape in sorted(new)
        ]


def equal_shares(goal: int, counts: Counts, is_open: Mask, turns: Counts) -> Counts:
    """How many of each shape to have for `goal` in all, at least those of `counts`.

    Shapes that are not open get no more. Of what is left over by division, the first in
    `turns` get one each.
    """
    goals = counts.copy()
    while is_open.any() and (left := goal - goals.sum()) > 0:
        level = goals[is_open].min()
        lowest = [shape for shape in turns if is_open[shape] and goals[shape] == level]
        above = goals[is_open & (goals > level)]
        step = min(left // len(lowest), above.min() - level if len(above) else left)
        if step:
            goals[lowest] += step
        else:
            goals[lowest[:left]] += 1
    return goals
