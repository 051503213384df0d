"""A relaxed network's cost along c = a f + b is a quadratic in a and b, exactly.

Every layer's cost is a product of at most two widths (`rexpand.spec.relaxed`), so its
values at six points give the whole surface, and a square root replaces a search.
"""

from dataclasses import dataclass, fields

import numpy as np

from rexpand.budget.bounds import Budget, Floats
from rexpand.cost import costs_of
from rexpand.spec import NetworkSpec, relaxed


@dataclass(frozen=True, kw_only=True)
class Quadratic:
    """k + a ka + b kb + a^2 kaa + a b kab + b^2 kbb, for each of many shapes."""

    k: Floats
    ka: Floats
    kb: Floats
    kaa: Floats
    kab: Floats
    kbb: Floats

    def at(self, slope: Floats | float, intercept: Floats | float) -> Floats:
        """The cost of a slope and an intercept."""
        linear = slope * self.ka + intercept * self.kb
        squares = slope**2 * self.kaa + intercept**2 * self.kbb
        return self.k + linear + squares + slope * intercept * self.kab

    def slope_for(self, cost: Floats | float, intercept: Floats | float) -> Floats:
        """The larger slope with a cost at an intercept, nan where there is none."""
        return larger_root(
            self.kaa,
            self.ka + intercept * self.kab,
            self.k + intercept * self.kb + intercept**2 * self.kbb - cost,
        )

    def intercept_for(self, cost: Floats | float, slope: Floats | float) -> Floats:
        """The larger intercept with a cost at a slope, nan where there is none."""
        return larger_root(
            self.kbb,
            self.kb + slope * self.kab,
            self.k + slope * self.ka + slope**2 * self.kaa - cost,
        )

    def flat_for(self, cost: Floats | float) -> Floats:
        """The intercept with a cost at slope 0, nan where there is none."""
        return larger_root(self.kbb, self.kb, self.k - cost)

    def of(self, index: int) -> "Quadratic":
        """The quadratic of one shape."""
        return Quadratic(
            **{field.name: getattr(self, field.name)[index] for field in fields(self)}
        )


def quadratics(
    spec: NetworkSpec, shapes: Floats, budget: Budget | None = None
) -> dict[str, Quadratic]:
    """Every cost as a quadratic of slope and intercept; shapes is (any, blocks).

    They are of what the budget bounds. With a latency table so is `latency_ms`, which is
    a sum of such costs.
    """
    smooth = relaxed(spec)
    points = ((0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (1, 1))
    rows = np.concatenate([a * shapes + b for a, b in points])
    cost = budget.costs(smooth, rows) if budget else costs_of(smooth, rows)
    columns = {
        "macs": cost.macs,
        "params": cost.params,
        "activations": cost.activations,
        "memory_access": cost.memory_access,
    }
    if budget is not None and budget.latency is not None:
        columns["latency_ms"] = budget.latency.predicted_ms(smooth, rows)
    return {
        name: _through(*np.split(column, len(points)))
        for name, column in columns.items()
    }


def _through(
    p00: Floats, p10: Floats, p20: Floats, p01: Floats, p02: Floats, p11: Floats
) -> Quadratic:
    """The quadratic through its values at six points (a, b)."""
    kaa, kbb = (p20 - 2 * p10 + p00) / 2, (p02 - 2 * p01 + p00) / 2
    ka, kb = p10 - p00 - kaa, p01 - p00 - kbb
    kab = p11 - p00 - ka - kb - kaa - kbb
    return Quadratic(k=p00, ka=ka, kb=kb, kaa=kaa, kab=kab, kbb=kbb)


def larger_root(square: Floats, linear: Floats, constant: Floats) -> Floats:
    """The larger root of square x^2 + linear x + constant, with square >= 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(linear**2 - 4 * square * constant)
        # This form loses no digits when `square` is small or 0.
        return np.asarray(-2 * constant / (linear + root))
