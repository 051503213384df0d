"""A budget that is held while a person moves one thing: a slope, or the width of blocks.

`solve` holds it while the intercept moves. Nothing here exceeds a bound.
"""

from collections.abc import Sequence

import numpy as np

from rexpand.budget.bounds import Budget, Floats, check_reachable
from rexpand.budget.order import risen
from rexpand.budget.quadratic import quadratics
from rexpand.budget.whole import whole_channels
from rexpand.errors import BudgetError
from rexpand.spec import Linear, NetworkSpec, SpecLike, as_spec

_GRID = 33  # factors tried at a time, each time between two of the last ones
_GRIDS = 5  # 32^5 parts: finer than any rounding of channels
_MOST = 64.0  # times as wide; no budget of use leaves more room


def solve_intercept(spec: SpecLike, budget: Budget, slope: float) -> NetworkSpec:
    """The network whose channels rise by `slope` a block and fill the budget.

    Before rounding the binding bound is met exactly. Raises BudgetError for a slope
    that leaves no room for an intercept.
    """
    spec = as_spec(spec)
    check_reachable(spec, budget, spec.channel_multiple)
    line = Linear(slope=slope)
    shape = np.array([line.shape(spec.depth)])
    surfaces = {name: q.of(0) for name, q in quadratics(spec, shape, budget).items()}
    intercept = min(
        float(surfaces[name].intercept_for(bound, slope))
        for name, bound in budget.bounds.items()
    )
    if not intercept >= 0:
        steepest = min(
            float(surfaces[name].slope_for(bound, 0.0))
            for name, bound in budget.bounds.items()
        )
        raise BudgetError(
            f"{spec.name} with slope {slope:g} exceeds the budget at every intercept; "
            f"give a slope of at most {np.floor(100 * steepest) / 100:g}"
        )
    line = Linear(slope=slope, intercept=intercept)
    channels, _ = whole_channels(spec, budget, line, spec.channel_multiple)
    return spec.with_channels(channels)


def fill_around(
    spec: SpecLike, channels: Sequence[int], fixed: range, budget: Budget
) -> NetworkSpec:
    """The network that keeps the channels of the `fixed` blocks and fills the budget.

    All other blocks are scaled by one factor and rounded; where the family forbids
    channels that decrease they stay in order around the fixed ones. Raises BudgetError
    if the fixed blocks leave no network within the budget.
    """
    spec = as_spec(spec)
    check_reachable(spec, budget, spec.channel_multiple)
    low, high = 0.0, _MOST
    for _ in range(_GRIDS):
        factors = np.linspace(low, high, _GRID)
        rows = _scaled(spec, channels, fixed, factors)
        fits = budget.fill(budget.prices(spec, rows)) <= 1
        if not fits[0]:
            raise BudgetError(
                f"blocks {fixed.start + 1} to {fixed.stop} of {spec.name} with up to "
                f"{max(channels[block] for block in fixed):,} channels leave no network "
                "within the budget; make them thinner, or allow more"
            )
        last = int(np.flatnonzero(fits)[-1])
        best = rows[last]
        low, high = factors[last], factors[min(last + 1, _GRID - 1)]
    return spec.with_channels([int(width) for width in best])


def _scaled(
    spec: NetworkSpec, channels: Sequence[int], fixed: range, factors: Floats
) -> Floats:
    """A row for each factor: the blocks that are not fixed times it, in order."""
    step = spec.channel_multiple
    rows = factors[:, None] * np.array(channels, dtype=np.float64)
    rows = np.maximum(np.rint(rows / step), 1) * step
    rows[:, fixed.start : fixed.stop] = np.array(channels)[fixed.start : fixed.stop]
    if spec.non_decreasing and fixed:
        most = max(channels[fixed.start] // step, 1) * step
        rows[:, : fixed.start] = np.minimum(rows[:, : fixed.start], most)
    return risen(spec, rows, step)
