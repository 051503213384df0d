"""What every configuration of a sample keeps to, besides the budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats, check_reachable
from rexpand.budget.quadratic import quadratics
from rexpand.errors import BudgetError
from rexpand.ranges import GROWTH, WIDTH
from rexpand.spec import NetworkSpec

# No configuration that the paper's Table 3 prints has a block of fewer than 24.
_NARROW = 8
TOLERANCE = 0.01  # how far the tightest bound may be under-used
MAX_GROWTH = 16.0  # in the paper's Table 3 it is 1.9 to 7.9


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


def rules_for(
    spec: NetworkSpec,
    budget: Budget,
    *,
    tolerance: float,
    slack: float,
    multiple_of: int,
    min_width: int | None,
    max_growth: float,
) -> Rules:
    """The rules that a family can keep: in its own multiples too, and of a default width.

    Raises BudgetError for a budget below its thinnest network, and for a width or a
    growth out of range.
    """
    multiple_of = lcm(multiple_of, spec.channel_multiple)
    check_reachable(spec, budget, multiple_of)
    if budget.latency is not None:
        budget.latency.check_multiple(multiple_of)
    GROWTH.check("max_growth", max_growth, BudgetError)
    if min_width is None:
        min_width = default_min_width(spec, budget, multiple_of)
    WIDTH.check("min_width", min_width, BudgetError)
    return Rules(
        tolerance=tolerance,
        slack=slack,
        multiple_of=multiple_of,
        min_width=min_width,
        max_growth=max_growth,
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
