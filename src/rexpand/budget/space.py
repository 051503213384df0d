"""The space of shapes as a unit cube, for samplers that move in it.

A point of it has one number from 0 to 1 for the step that each block after the first
takes, relative to the largest step, and one more for the place of the growth in the range
that the budget leaves the shape. Steps that are all 1 are a line; steps of 0 are stages.
So every configuration of a sample has a point, and whatever the point, the closed form
gives the growth and the scale at which it meets the budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rexpand.budget.bounds import Budget, Floats
from rexpand.budget.quadratic import quadratics
from rexpand.budget.rounding import rounded
from rexpand.budget.rules import MAX_GROWTH, TOLERANCE, Rules, rules_for
from rexpand.budget.scale import places_of, scaled
from rexpand.spec import NetworkSpec, SpecLike, as_spec

Channels = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ShapeSpace:
    """The non-decreasing configurations of a network that meet a budget.

    Its points have as many numbers as the network has blocks, the place of the growth
    last.
    """

    spec: NetworkSpec
    budget: Budget
    rules: Rules

    @property
    def size(self) -> int:
        """How many numbers a point has."""
        return self.spec.depth

    def points(self, channels: ArrayLike) -> Floats:
        """The points of configurations: (any, blocks) to (any, `size`).

        Rounded to channels, they are those configurations, or nearly.
        """
        rows = np.asarray(channels, dtype=np.float64)
        steps = np.diff(rows, axis=1)
        heights = _heights(steps)
        rises = rows[:, -1] / rows[:, 0] - 1
        surfaces = quadratics(self.spec, heights, self.budget)
        places = places_of(self.budget, surfaces, rises, self.rules)
        largest = steps.max(axis=1, keepdims=True, initial=0.0)
        steps = np.divide(steps, largest, out=np.ones_like(steps), where=largest > 0)
        return np.column_stack([steps, places])

    def configurations(
        self, points: Floats, rng: np.random.Generator
    ) -> Sequence[Channels | None]:
        """A configuration for each point; None where none near it meets the budget.

        The binding bound is met within 1 %; the looser one of two counts within the slack
        of the most that the shape can use of it.
        """
        heights, places = _heights(points[:, :-1]), points[:, -1]
        surfaces = quadratics(self.spec, heights, self.budget)
        lines = scaled(self.budget, surfaces, places, self.rules)
        is_smooth = np.zeros(len(points), dtype=np.bool_)  # so that stages stay
        channels, kept = rounded(
            self.spec, self.budget, lines, heights, is_smooth, self.rules, rng
        )
        found = set(kept.tolist())
        rows = channels.astype(np.int64).tolist()
        return [tuple(row) if n in found else None for n, row in enumerate(rows)]


def shape_space(
    spec: SpecLike,
    budget: Budget,
    *,
    slack: float = 0.05,
    multiple_of: int = 1,
    min_width: int | None = None,
    max_growth: float = MAX_GROWTH,
) -> ShapeSpace:
    """The space that `sample` draws from with the same settings; it raises the same."""
    spec = as_spec(spec)
    rules = rules_for(
        spec,
        budget,
        tolerance=TOLERANCE,
        slack=slack,
        multiple_of=multiple_of,
        min_width=min_width,
        max_growth=max_growth,
    )
    return ShapeSpace(spec=spec, budget=budget, rules=rules)


def _heights(steps: NDArray[np.float64]) -> Floats:
    """Heights from 0 to 1, (any, blocks), of steps; those of no step at all are a line."""
    taken = np.where(steps.sum(axis=1, keepdims=True) > 0, steps, 1.0)
    heights = np.cumsum(np.column_stack([np.zeros(len(steps)), taken]), axis=1)
    # A network of one block has no step.
    return np.asarray(heights / heights[:, -1:]) if taken.shape[1] else heights
