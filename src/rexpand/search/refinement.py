"""Refinement: neighbours of the best shapes, nearer ones from generation to generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from rexpand.budget.bounds import Floats

_PARENTS_AMONG = 4  # a quarter of the trials, at most
_RADIUS = 0.25  # of the first neighbourhood, the standard deviation of a number's move
_MOVED = 0.5  # share of a point's numbers that move


@dataclass(frozen=True, kw_only=True)
class Refinement:
    """Points near `parents` (any, numbers), the best of which comes first.

    A neighbour of a parent has about half of its numbers moved, normally distributed with
    the standard deviation `radius`.
    """

    parents: Floats
    radius: float
    rng: np.random.Generator

    @classmethod
    def around(
        cls,
        points: Floats,
        accuracies: Sequence[float],
        gap: float | None,
        generation: int,
        rng: np.random.Generator,
    ) -> Self:
        """Around the best of these points, with a radius of 0.25 over the generation.

        The best are at most a quarter, and of those the ones within `gap` of the best: not
        to be told apart from it, where that is known.
        """
        values = np.asarray(accuracies, dtype=float)
        order = np.argsort(-values, kind="stable")
        best = order[: max(len(order) // _PARENTS_AMONG, 1)]
        if gap is not None:
            best = best[values[best] >= values[best[0]] - gap]
        return cls(parents=points[best], radius=_RADIUS / generation, rng=rng)

    def points(self, count: int) -> Floats:
        """Neighbours of the parents in turn."""
        own = self.parents[np.arange(count) % len(self.parents)]
        is_moved = self.rng.random(own.shape) < _MOVED
        moves = self.radius * self.rng.standard_normal(own.shape)
        return _reflected(own + np.where(is_moved, moves, 0.0))


def _reflected(points: Floats) -> Floats:
    """Points beyond 0 or 1 go as far inside; a step of 0 has neighbours above it."""
    inside = np.abs(points)
    return np.asarray(np.clip(1 - np.abs(1 - inside), 0.0, 1.0))
