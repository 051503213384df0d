"""The channels that meet a budget: two unknowns, a square root, and a careful rounding.

With one bound the slope is solved and the parameterization's intercept is kept; with
macs and params both are solved. Every other bound lowers the slope where it is tighter. The result never exceeds a bound.
"""

from dataclasses import dataclass, replace
from math import ceil, floor, lcm
from typing import ClassVar

import numpy as np

from rexpand.budget.bounds import Budget, check_of_network, check_reachable, said
from rexpand.budget.quadratic import Quadratic, quadratics
from rexpand.budget.whole import whole_channels
from rexpand.cost import Cost, cost_of
from rexpand.errors import BudgetError
from rexpand.shown import Shown
from rexpand.spec import (
    NetworkSpec,
    Parameterization,
    SpecLike,
    as_spec,
    parameterization_of,
)

_GRID = 1024  # intercepts tried before the crossing of two bounds is refined
_BISECTIONS = 60


@dataclass(frozen=True, kw_only=True)
class Solution(Shown):
    """A network within a budget.

    `relaxed` is the line that fills the budget before rounding, with `relaxed_macs` and
    `relaxed_params`. `parameterization` is the line near it whose rounding gives the
    channels; they are equal where single blocks had to leave the line. `fill` is the
    share of the tightest bound that the rounded network uses, at most 1. `latency_ms` is
    what the budget's table predicts for it, None without one.
    """

    _view: ClassVar[str] = "rexpand.report.views.networks:SOLUTION"

    spec: NetworkSpec
    parameterization: Parameterization
    cost: Cost
    fill: float
    relaxed: Parameterization
    relaxed_macs: float
    relaxed_params: float
    latency_ms: float | None = None


def solve(
    spec: SpecLike,
    budget: Budget,
    parameterization: Parameterization | None = None,
    *,
    multiple_of: int = 1,
) -> Solution:
    """Slope (and, with macs and params, intercept) for a budget, and rounded channels.

    Without a parameterization the channels are a line that starts at the network's
    first width:

        solve("rexnet_100", Budget(macs=300e6)).spec.channels

    Before rounding the binding bound is met exactly. Channels are multiples of
    `multiple_of` and of what the groups of the network need. Raises BudgetError, with
    the nearest possible cost, if the family has no such network.
    """
    spec = as_spec(spec)
    check_of_network(budget)
    parameterization = parameterization or parameterization_of(spec, "linear")
    multiple_of = lcm(multiple_of, spec.channel_multiple)
    check_reachable(spec, budget, multiple_of)
    if budget.latency is not None:
        budget.latency.check_multiple(multiple_of)
    relaxed = relaxed_line(spec, budget, parameterization)
    channels, line = whole_channels(spec, budget, relaxed, multiple_of)
    solved = spec.with_channels(channels)
    prices, smooth = budget.prices(spec, [channels]), _relaxed_cost(spec, relaxed)
    latency = prices.latency_ms
    return Solution(
        spec=solved,
        parameterization=line,
        cost=cost_of(solved),
        fill=float(budget.fill(prices)[0]),
        relaxed=relaxed,
        relaxed_macs=smooth["macs"],
        relaxed_params=smooth["params"],
        latency_ms=None if latency is None else float(latency[0]),
    )


def relaxed_line(
    spec: SpecLike, budget: Budget, parameterization: Parameterization
) -> Parameterization:
    """The line that fills the budget before rounding: its slope, or intercept too.

    Raises BudgetError where there is none.
    """
    spec = as_spec(spec)
    shape = np.array([parameterization.shape(spec.depth)])
    if not (np.isfinite(shape).all() and shape.any()):
        raise BudgetError(
            f"the parameterization has no height to scale in the {spec.depth} blocks "
            f"of {spec.name}; give finite heights that are not all 0"
        )
    if spec.non_decreasing and (np.diff(shape) < 0).any():
        raise BudgetError(
            f"the parameterization decreases, and the family {spec.family} forbids "
            "channels that do; give heights that never decrease"
        )
    check_of_network(budget)
    check_reachable(spec, budget, spec.channel_multiple)
    surfaces = _surfaces(spec, parameterization, budget)
    slope, intercept = _line(spec, budget, surfaces, parameterization.intercept)
    return replace(parameterization, slope=slope, intercept=intercept)


def _surfaces(
    spec: NetworkSpec,
    parameterization: Parameterization,
    budget: Budget | None = None,
) -> dict[str, Quadratic]:
    """Every cost as a quadratic of the parameterization's slope and intercept."""
    shape = np.array([parameterization.shape(spec.depth)])
    return {name: q.of(0) for name, q in quadratics(spec, shape, budget).items()}


def _relaxed_cost(spec: NetworkSpec, line: Parameterization) -> dict[str, float]:
    surfaces = _surfaces(spec, line)
    return {
        name: float(surface.at(line.slope, line.intercept))
        for name, surface in surfaces.items()
    }


def _line(
    spec: NetworkSpec,
    budget: Budget,
    surfaces: dict[str, Quadratic],
    intercept: float,
) -> tuple[float, float]:
    """Slope and intercept that fill the budget."""
    crossing = None
    if len(budget.counts) == 2:
        crossing = _crossing(budget, surfaces, intercept)
    lines = [crossing] if crossing else []
    intercept = crossing[1] if crossing else intercept
    # The tightest bound gives the slope, and the others are not full.
    lines += [
        (float(surfaces[name].slope_for(bound, intercept)), intercept)
        for name, bound in budget.bounds.items()
        if not crossing or name not in budget.counts
    ]
    slope, intercept = min(lines, key=lambda line: line[0])
    if not slope >= 0:
        _refuse_slope(spec, budget, surfaces, intercept)
    return slope, intercept


def _crossing(
    budget: Budget, surfaces: dict[str, Quadratic], preferred: float
) -> tuple[float, float] | None:
    """The line that fills both bounds, nearest to the preferred intercept, if any."""
    macs, params = surfaces["macs"], surfaces["params"]
    assert budget.macs is not None
    assert budget.params is not None

    def slope_at(intercept: float) -> float:
        return float(macs.slope_for(budget.macs or 0.0, intercept))

    grid = np.linspace(0, float(macs.flat_for(budget.macs)), _GRID)
    excess = params.at(macs.slope_for(budget.macs, grid), grid) - budget.params
    starts = np.flatnonzero(np.sign(excess[:-1]) != np.sign(excess[1:]))
    if not len(starts):
        return None
    start = int(starts[np.abs(grid[starts] - preferred).argmin()])
    low, high = float(grid[start]), float(grid[start + 1])
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        over = params.at(slope_at(middle), middle) > budget.params
        low, high = (middle, high) if over == (excess[start] > 0) else (low, middle)
    return slope_at(low), low


def _refuse_slope(
    spec: NetworkSpec, budget: Budget, surfaces: dict[str, Quadratic], intercept: float
) -> None:
    """Raise BudgetError: the flat line at the intercept costs more than the budget."""
    name, bound = max(
        budget.bounds.items(),
        key=lambda pair: float(surfaces[pair[0]].at(0.0, intercept)) / pair[1],
    )
    flat = float(surfaces[name].at(0.0, intercept))
    least = flat if name == "latency_ms" else ceil(flat)
    allowed = said(name, bound).split()[0]
    raise BudgetError(
        f"{spec.name} with intercept {intercept:g} needs at least {said(name, least)} "
        f"(slope 0); you allowed {allowed}; raise the {name.replace('_', ' ')}, or give an intercept of at "
        f"most {floor(100 * surfaces[name].flat_for(bound)) / 100}"
    )
