"""What every configuration of a sample keeps to, besides the budget."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats
from rexpand.budget.quadratic import quadratics
from rexpand.spec import NetworkSpec

# No configuration that the paper's Table 3 prints has a block of fewer than 24.
_NARROW = 8
TOLERANCE = 0.01  # how far the tightest bound may be under-used


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Bounds are met within `tolerance`, or `slack`; widths are as the others say.

    `max_growth` bounds the last width over the first.
    """

    tolerance: float
    slack: float
    multiple_of: int
    min_width: int
    max_growth: float

    @property
    def least_share(self) -> float:
        """Of a count whose bound is not the tightest, where two are given."""
        return least_share(self.slack, self.tolerance)

    def keep(self, rows: Floats) -> NDArray[np.bool_]:
        """Whether each configuration is wide enough and grows no more than allowed."""
        first, last = rows[:, 0], rows[:, -1]
        return np.asarray(
            (rows.min(axis=1) >= self.min_width) & (last <= self.max_growth * first)
        )


def least_share(slack: float, tolerance: float = TOLERANCE) -> float:
    """The least share of the looser of two bounds; rounding needs the tolerance."""
    return 1 - max(slack, tolerance)


def default_min_width(spec: NetworkSpec, budget: Budget, multiple_of: int) -> int:
    """8 channels, or half of what all blocks have where they are alike, if that is less.

    In a multiple, at least one.
    """
    flat = min(_flat_widths(spec, budget).values())
    return max(int(min(_NARROW, flat / 2) // multiple_of), 1) * multiple_of


def _flat_widths(spec: NetworkSpec, budget: Budget) -> Mapping[str, float]:
    """The width of all blocks that fills each bound."""
    surfaces = quadratics(spec, np.ones((1, spec.depth)), budget)
    return {
        name: float(surfaces[name].flat_for(bound)[0])
        for name, bound in budget.bounds.items()
    }
