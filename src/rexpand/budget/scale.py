"""The growth and the scale at which a shape meets a budget, for thousands at once.

A shape's widths are scale x (1 + rise x height), where rise is the growth less one. For
any rise one scale fills the tightest bound. The rise itself is free with one bound; with
macs and params it decides how much of the other one is used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats
from rexpand.budget.quadratic import Quadratic, larger_root
from rexpand.budget.rules import Rules

_AIM = 0.996  # of the bound, since rounding changes the cost in both directions
_STEPS = 6  # of Ridders' method: twelve digits in the range of a growth
_LEAST_RISE = 0.1  # growth in Table 3 of the paper is 1.9 to 7.9
_GRID = 17  # rises at which the looser bound is looked at

_Values = Callable[[Floats], Floats]


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """Slope and intercept of each shape, nan where no line meets the bounds.

    `least_share` is the least share that each must use of both counts: less than usual
    for a shape that cannot fill them together.
    """

    slope: Floats
    intercept: Floats
    least_share: Floats

    def of(self, index: NDArray[np.int64]) -> "Scaled":
        """Those of some shapes."""
        return Scaled(
            slope=self.slope[index],
            intercept=self.intercept[index],
            least_share=self.least_share[index],
        )


def scaled(
    budget: Budget, surfaces: Mapping[str, Quadratic], places: Floats, rules: Rules
) -> Scaled:
    """The line of each shape, at its place from 0 to 1 in the range of its growth.

    With one count the range is from 1.1 to the largest growth that the rules and the
    budget allow, on a logarithmic scale. With macs and params it is where the looser one
    is used within the slack; for a shape that cannot fill both, within the slack of the
    most that it can use.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high, least = _ends(budget, surfaces, rules)
        if len(budget.counts) < 2:
            rise = np.exp(low * (1 - places) + high * places)
        else:
            rise = np.expm1(low + (high - low) * places)
        scale = _scale(budget, _along(budget, surfaces, rise))
    return Scaled(slope=rise * scale, intercept=scale, least_share=least)


def places_of(
    budget: Budget, surfaces: Mapping[str, Quadratic], rises: Floats, rules: Rules
) -> Floats:
    """Where the rise of each shape lies in its range, from 0 to 1, as `scaled` takes it.

    One outside its range, as rounding may leave it, is at the nearer end.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high, _ = _ends(budget, surfaces, rules)
        own = np.log(rises) if len(budget.counts) < 2 else np.log1p(rises)
        places = (own - low) / (high - low)
    return np.nan_to_num(np.clip(places, 0.0, 1.0))


def _ends(
    budget: Budget, surfaces: Mapping[str, Quadratic], rules: Rules
) -> tuple[Floats, Floats, Floats]:
    """The ends of the range of each shape, and the share of the looser count to reach.

    They are logarithms: with one count of the rise, with two of the growth.
    """
    most = _largest_rise(budget, surfaces, rules)
    if len(budget.counts) < 2:
        low, high = np.log(np.minimum(_LEAST_RISE, most)), np.log(most)
        return low, high, np.full_like(most, 1 - rules.tolerance)
    return _both_used(budget, surfaces, most, rules)


def _largest_rise(
    budget: Budget, surfaces: Mapping[str, Quadratic], rules: Rules
) -> Floats:
    """By the rules, and where the first width is the least; nan for no rise at all."""
    first = float(rules.min_width)
    slopes = [
        surfaces[name].slope_for(bound * _AIM, first)
        for name, bound in budget.bounds.items()
    ]
    most = np.minimum(np.min(slopes, axis=0) / first, rules.max_growth - 1)
    return np.where(most > 0, most, np.nan)


@dataclass(frozen=True, kw_only=True)
class _Along:
    """A cost along (slope, intercept) = (rise s, s): k + linear s + square s^2."""

    k: Floats
    linear: Floats
    square: Floats

    def at(self, scale: Floats) -> Floats:
        return self.k + scale * self.linear + scale**2 * self.square

    def scale_for(self, cost: float) -> Floats:
        return larger_root(self.square, self.linear, self.k - cost)


def _along(
    budget: Budget, surfaces: Mapping[str, Quadratic], rise: Floats
) -> dict[str, _Along]:
    """What each bound is of, along a rise."""
    found = {}
    for name in budget.bounds:
        of = surfaces[name]
        found[name] = _Along(
            k=of.k,
            linear=rise * of.ka + of.kb,
            square=rise**2 * of.kaa + rise * of.kab + of.kbb,
        )
    return found


def _scale(budget: Budget, costs: Mapping[str, _Along]) -> Floats:
    """The scale that fills the tightest bound."""
    scales = [
        costs[name].scale_for(bound * _AIM) for name, bound in budget.bounds.items()
    ]
    return np.asarray(np.min(scales, axis=0))


def _both_used(
    budget: Budget,
    surfaces: Mapping[str, Quadratic],
    most: Floats,
    rules: Rules,
) -> tuple[Floats, Floats, Floats]:
    """Between which growths both counts are used, and how much of the looser one.

    The looser count is used most at a peak, and less on either side. Both ends of where
    it is used enough are the roots of what it is used beyond that.
    """

    def looser(log_growth: Floats) -> Floats:
        return _shares(budget, surfaces, log_growth).min(axis=0)

    end = np.log1p(most)
    peak = _peak(budget, surfaces, end)
    best = looser(peak)
    least = np.where(
        best >= rules.least_share, rules.least_share, best * rules.least_share
    )

    def beyond(log_growth: Floats) -> Floats:
        return np.asarray(looser(log_growth) - least)

    start = np.zeros_like(end)
    low = np.where(beyond(start) >= 0, start, _root(beyond, start, peak))
    high = np.where(beyond(end) >= 0, end, _root(beyond, end, peak))
    return low, high, least


def _peak(budget: Budget, surfaces: Mapping[str, Quadratic], end: Floats) -> Floats:
    """Where the two counts use most of both bounds: equal shares, or the nearest to it."""
    grid = np.linspace(0, 1, _GRID)[:, None] * end
    macs, params = _shares(budget, surfaces, grid)
    index = np.minimum(macs, params).argmax(axis=0)
    columns = np.arange(len(end))
    ahead = macs > params
    crosses = ahead[1:] != ahead[:-1]
    first = crosses.argmax(axis=0)
    low, high = grid[first, columns], grid[first + 1, columns]

    sign = np.where(ahead[first, columns], 1.0, -1.0)

    def as_before(log_growth: Floats) -> Floats:
        macs, params = _shares(budget, surfaces, log_growth)
        return np.asarray(sign * (macs - params))

    return np.where(
        crosses.any(axis=0), _root(as_before, high, low), grid[index, columns]
    )


def _root(value: _Values, below: Floats, above: Floats) -> Floats:
    """Between a point where a value is negative and one where it is not: its root.

    By the method of Ridders (1979). It gives some point where there is no root.
    """
    of_below, of_above = value(below), value(above)
    root = above
    for _ in range(_STEPS):
        half = (above - below) / 2
        middle = below + half
        of_middle = value(middle)
        bend = np.sqrt(of_middle**2 - of_below * of_above)
        root = np.where(bend > 0, middle - half * of_middle / bend, middle)
        # Where there is no root the step may lead out, and its square past all numbers.
        root = np.clip(root, np.minimum(below, above), np.maximum(below, above))
        of_root = value(root)
        for point, of_point in ((middle, of_middle), (root, of_root)):
            is_above = of_point >= 0
            above = np.where(is_above, point, above)
            of_above = np.where(is_above, of_point, of_above)
            below = np.where(is_above, below, point)
            of_below = np.where(is_above, of_below, of_point)
    return root


def _shares(
    budget: Budget, surfaces: Mapping[str, Quadratic], log_growth: Floats
) -> Floats:
    """Share of the bounds on macs and params, (2, any), with the tightest bound full."""
    costs = _along(budget, surfaces, np.expm1(log_growth))
    scale = _scale(budget, costs)
    return np.stack(
        [costs[name].at(scale) / budget.bounds[name] for name in budget.counts]
    )
