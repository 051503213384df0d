"""The scale at which a shape meets a budget, for thousands of shapes at once."""

import numpy as np

from rexpand.budget.bounds import Budget, Floats
from rexpand.budget.quadratic import Quadratic

_AIM = 0.996  # of the bound, since rounding changes the cost in both directions
_BISECTIONS = 40


def scaled(
    budget: Budget,
    surfaces: dict[str, Quadratic],
    growth: Floats,
    slack: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Slope and intercept of each shape, nan where no line meets the bounds.

    One bound fixes the scale s of the widths s (1 + growth x height), and so does the
    tighter one of a count and latency. Macs and params together fix slope and
    intercept, so the drawn growth is not used: one bound, chosen at random, is filled,
    and the other has a random share within its slack.
    """
    if len(budget.counts) < 2:
        scales = [
            _along(surfaces[name], growth).slope_for(bound * _AIM, 0.0)
            for name, bound in budget.bounds.items()
        ]
        scale = np.min(scales, axis=0)
        return scale * growth, scale
    bounds = tuple((name, budget.bounds[name]) for name in budget.counts)
    room = np.ones((2, len(growth)))
    loose = rng.integers(0, 2, len(growth))
    room[loose, np.arange(len(growth))] -= slack * rng.random(len(growth))
    (first, first_bound), (second, second_bound) = bounds
    return _crossings(
        surfaces[first],
        surfaces[second],
        first_bound * _AIM * room[0],
        second_bound * _AIM * room[1],
    )


def _along(surface: Quadratic, growth: Floats) -> Quadratic:
    """The cost along (slope, intercept) = (growth s, s), a quadratic in s only."""
    nothing = np.zeros_like(growth)
    return Quadratic(
        k=surface.k,
        ka=growth * surface.ka + surface.kb,
        kaa=growth**2 * surface.kaa + growth * surface.kab + surface.kbb,
        kb=nothing,
        kab=nothing,
        kbb=nothing,
    )


def _crossings(
    first: Quadratic, second: Quadratic, first_cost: Floats, second_cost: Floats
) -> tuple[Floats, Floats]:
    """Slope and intercept that meet both costs, by bisecting the intercept."""

    def excess(intercept: Floats) -> Floats:
        slope = first.slope_for(first_cost, intercept)
        return second.at(slope, intercept) - second_cost

    low = np.full_like(first_cost, 1e-9)
    high = first.flat_for(first_cost) * (1 - 1e-9)
    steep = excess(low) > 0
    crosses = steep != (excess(high) > 0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        left = (excess(middle) > 0) == steep
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    intercept = np.where(crosses, low, np.nan)
    return first.slope_for(first_cost, intercept), intercept
