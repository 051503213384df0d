"""The whole channels nearest to a line within a budget: exact, by dynamic programming.

Of all configurations in whole multiples within the budget (and not decreasing, where
the family forbids it), the result has the least sum of squared distances from the
target. The cost of a block depends on two neighbouring widths (`pair_costs`), so the
states are (block, its width, cost so far). Of the ways to a state, those are kept that
no other way equals or beats in cost and distance. Lagrange multipliers of the bounds
(`relax_path`) give a lower bound for the rest of every way, and a first configuration;
a way that cannot be nearer than that one is dropped. A width is not a candidate if it
alone is too far from the target for that, so the search leaves nothing out.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats, check_reachable
from rexpand.budget.pair_costs import pair_costs
from rexpand.budget.relax_path import Lattice, Path, Relaxed, lattice, relaxed_path
from rexpand.cost import Cost, cost_of
from rexpand.errors import BudgetError
from rexpand.spec import NetworkSpec, SpecLike, as_spec

_MOST_WAYS = 2_000_000  # to the widths of one block; beyond, only a bound is given
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """The nearest configuration; `distance` is the root mean square, in channels.

    No configuration within the budget is nearer than `bound`; where the result
    `is_exact`, `bound` is the distance itself.
    """

    spec: NetworkSpec
    cost: Cost
    distance: float
    bound: float
    is_exact: bool


def nearest(
    spec: SpecLike,
    target: Sequence[float],
    budget: Budget,
    *,
    multiple_of: int = 1,
) -> Nearest:
    """The whole multiples nearest to `target`, one width per block, within the budget.

    Raises BudgetError if even the thinnest network exceeds the budget.
    """
    spec = as_spec(spec)
    widths = np.asarray(target, dtype=np.float64)
    if widths.shape != (spec.depth,):
        raise BudgetError(
            f"the target has {widths.size} widths for {spec.depth} blocks of {spec.name}"
        )
    check_reachable(spec, budget, multiple_of)
    steps = spec.channel_multiples(multiple_of)
    found, relaxed, columns = _around(spec, widths, budget, steps)
    assert relaxed.path is not None
    best, is_exact = _best(found, relaxed)
    channels = [int(column[index]) for column, index in zip(columns, best, strict=True)]
    solved = spec.with_channels(channels)
    distance = sqrt(found.distance(best) / spec.depth)
    bound = sqrt(max(relaxed.shortest.bound, 0.0) / spec.depth)
    return Nearest(
        spec=solved,
        cost=cost_of(solved),
        distance=distance,
        bound=distance if is_exact else min(bound, distance),
        is_exact=is_exact,
    )


def _around(
    spec: NetworkSpec, target: Floats, budget: Budget, steps: Sequence[int]
) -> tuple[Lattice, Relaxed, list[Floats]]:
    """A lattice that holds the nearest configuration, its bounds, its widths.

    The window around the target grows until some path in it is within the budget, and
    no width outside it could be part of a nearer path.
    """
    window = 2
    while True:
        columns = [
            _multiples(width, step, window * step)
            for width, step in zip(target, steps, strict=True)
        ]
        costs = pair_costs(spec, columns, budget)
        found = lattice(spec, columns, target, costs)
        relaxed = relaxed_path(found)
        whole = all(
            column[0] == step for column, step in zip(columns, steps, strict=True)
        )
        if relaxed.path is not None:
            reach = _reach(target, steps, found.distance(relaxed.path))
            if (reach <= np.array(steps) * window).all():
                return found, relaxed, columns
            needed = int(np.ceil((reach / np.array(steps)).max()))
            window = min(2 * window, needed) if needed > window else window + 1
        elif whole:
            raise BudgetError(
                f"no non-decreasing multiples of {max(steps)} near the target fit the "
                f"budget of {spec.name}; give a larger one, or a smaller multiple_of"
            )
        else:
            window *= 2


def _multiples(width: float, step: int, reach: float) -> Floats:
    """The multiples within `reach` of a width; at least the nearest one."""
    least = max(step, int(np.ceil((width - reach) / step)) * step)
    most = max(least, int(np.floor((width + reach) / step)) * step)
    return np.arange(least, most + 1, step, dtype=np.float64)


def _reach(target: Floats, steps: Sequence[int], distance: float) -> Floats:
    """How far each width may be from the target within a total squared distance."""
    units = np.maximum(np.rint(target / steps), 1) * steps
    least = (units - target) ** 2
    spare = max(distance - float(least.sum()), 0.0)
    return np.asarray(np.sqrt(spare + least) + _ROUNDING)


@dataclass(frozen=True, kw_only=True)
class _Ways:
    """Ways to the widths of a block: cost (bounds, ways), distance, width, origin."""

    cost: Floats
    distance: Floats
    width: NDArray[np.int64]
    origin: NDArray[np.int64]


def _best(found: Lattice, relaxed: Relaxed) -> tuple[Path, bool]:
    """The nearest path, and whether that is certain."""
    assert relaxed.path is not None
    limit = found.distance(relaxed.path)
    if relaxed.shortest.bound >= limit - _ROUNDING:
        return relaxed.path, True
    least = found.costs.least()
    stages = []
    ways = _Ways(
        cost=np.zeros((len(found.costs.limits), 1)),
        distance=np.zeros(1),
        width=np.zeros(1, dtype=np.int64),
        origin=np.zeros(1, dtype=np.int64),
    )
    for index in range(len(found.distances)):
        ways = _further(found, relaxed, ways, index, least[index], limit)
        if not len(ways.width):
            return relaxed.path, True  # nothing is nearer than the first one
        if len(ways.width) > _MOST_WAYS:
            return relaxed.path, False
        stages.append(ways)
    total = ways.cost + found.costs.ends[:, ways.width]
    fits = (total <= found.costs.limits[:, None]).all(axis=0)
    if not fits.any():
        return relaxed.path, True
    end = int(np.where(fits, ways.distance, inf).argmin())
    if ways.distance[end] >= limit:
        return relaxed.path, True
    path = []
    for stage in reversed(stages):
        path.append(int(stage.width[end]))
        end = int(stage.origin[end])
    return tuple(reversed(path)), True


def _further(
    found: Lattice,
    relaxed: Relaxed,
    ways: _Ways,
    index: int,
    least: Floats,
    limit: float,
) -> _Ways:
    """Every way, one block longer, without those above the limit or beaten."""
    multipliers, limits = relaxed.shortest.multipliers, found.costs.limits
    rest = relaxed.shortest.rest[index] - multipliers @ limits
    kept = []
    for width, off in enumerate(found.distances[index]):
        origin = np.flatnonzero(found.allowed[index][ways.width, width])
        before = ways.width[origin]
        cost = ways.cost[:, origin] + found.costs.tables[index][:, before, width]
        distance = ways.distance[origin] + off
        promising = distance + multipliers @ cost + rest[width] < limit - _ROUNDING
        promising &= (cost + least[:, width : width + 1] <= limits[:, None]).all(axis=0)
        cost, distance = cost[:, promising], distance[promising]
        best = _unbeaten(cost, distance)
        count = len(best)
        kept.append(
            _Ways(
                cost=cost[:, best],
                distance=distance[best],
                width=np.full(count, width, dtype=np.int64),
                origin=origin[promising][best],
            )
        )
    return _Ways(
        cost=np.concatenate([each.cost for each in kept], axis=1),
        distance=np.concatenate([each.distance for each in kept]),
        width=np.concatenate([each.width for each in kept]),
        origin=np.concatenate([each.origin for each in kept]),
    )


def _unbeaten(cost: Floats, distance: Floats) -> NDArray[np.int64]:
    """The ways that no other one equals or beats in every cost and in distance."""
    order = np.lexsort((*cost[::-1], distance))
    if len(cost) == 1:
        ordered = cost[0, order]
        lowest = np.minimum.accumulate(np.concatenate(([inf], ordered[:-1])))
        return order[ordered < lowest]
    return _unbeaten_in_two(cost, order)


def _unbeaten_in_two(cost: Floats, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """In order of distance, keep the ways that none before equals or beats."""
    firsts: list[float] = []  # ascending, and the seconds descend
    seconds: list[float] = []
    kept = []
    for way in order.tolist():
        first, second = float(cost[0, way]), float(cost[1, way])
        place = bisect_right(firsts, first)
        if place and seconds[place - 1] <= second:
            continue
        end = place
        while end < len(seconds) and seconds[end] >= second:
            end += 1
        start = place - 1 if place and firsts[place - 1] == first else place
        firsts[start:end] = [first]
        seconds[start:end] = [second]
        kept.append(way)
    return np.array(kept, dtype=np.int64)
