"""Configurations that meet a budget by construction, drawn over shapes.

Draw a shape, solve its growth and its scale from the quadratics of its cost, and round
(`rounding.py`). So all of them fit before any is trained.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, said
from rexpand.budget.collection import Collection, Found, Mask, Round
from rexpand.budget.quadratic import quadratics
from rexpand.budget.rounding import rounded
from rexpand.budget.rules import MAX_GROWTH, TOLERANCE, Rules, rules_for
from rexpand.budget.scale import scaled
from rexpand.budget.shapes import SHAPES, draw_shapes
from rexpand.budget.shortfall import Shortfall, shortfalls
from rexpand.budget.weights import weights
from rexpand.errors import BudgetError
from rexpand.shown import Shown
from rexpand.spec import NetworkSpec, SpecLike, as_spec

_PROBES = 100  # of each shape, to see whether any fills both bounds
_FEW = 10  # configurations: so many are found again
_SMOOTH = [SHAPES.index(shape) for shape in ("convex", "linear", "concave")]


@dataclass(frozen=True, kw_only=True)
class Sample(Shown):
    """Distinct configurations within a budget: channels is (configurations, blocks).

    `weights` make means over configurations comparable; their own mean is 1.
    `shortfalls` say of which shapes there are fewer than their share, and which ones
    cannot fill both bounds. `latency_ms` is predicted, None without a latency table.
    """

    _view: ClassVar[str] = "rexpand.report.views.networks:SAMPLE"

    channels: NDArray[np.int64]
    shapes: tuple[str, ...]
    macs: NDArray[np.int64]
    params: NDArray[np.int64]
    activations: NDArray[np.int64]
    memory_access: NDArray[np.int64]
    weights: NDArray[np.float64]
    shortfalls: tuple[Shortfall, ...]
    latency_ms: NDArray[np.float64] | None = None


def sample(
    spec: SpecLike,
    budget: Budget,
    count: int,
    *,
    seed: int,
    tolerance: float = TOLERANCE,
    slack: float = 0.05,
    multiple_of: int = 1,
    min_width: int | None = None,
    max_growth: float = MAX_GROWTH,
    earlier: Sequence[int] = (),
) -> Sample:
    """`count` non-decreasing configurations within the budget, a function of the seed.

    The shapes (convex, linear, concave, in stages, from knot to knot) have equal shares.
    The binding bound is met within `tolerance`; of macs and params together, the other
    one within `slack`. Where no configuration of a shape does so, its own are within
    `slack` of the most that they can use of the other bound. Every
    block has `min_width` channels, by default 8 or half of those of a network of equal
    blocks, and the last one at most `max_growth` times those of the first. With
    `earlier`, ascending counts of samples of this seed, the first configurations are
    those of these samples. Raises BudgetError if the family has too few such
    configurations, or none of any shape that fills both bounds.
    """
    spec = as_spec(spec)
    if count < 1:
        raise BudgetError(
            f"a sample cannot have {count} configurations; give 1 or more"
        )
    rules = rules_for(
        spec,
        budget,
        tolerance=tolerance,
        slack=slack,
        multiple_of=multiple_of,
        min_width=min_width,
        max_growth=max_growth,
    )
    is_strict = _fills_both(spec, budget, rules)
    if len(budget.counts) == 2 and not is_strict.any():
        raise BudgetError(_explanation(spec, budget, rules, count, 0))
    rng = np.random.default_rng(seed)
    collection = Collection(rng, is_strict)
    for goal in (*earlier, count):
        for each in collection.rounds(goal):
            each.found.extend(_draw(spec, budget, each, rng, rules))
    if len(collection.chosen) < count:
        raise BudgetError(
            _explanation(spec, budget, rules, count, len(collection.chosen))
        )
    return _sample(spec, budget, rules, collection.chosen[:count])


def _sample(
    spec: NetworkSpec, budget: Budget, rules: Rules, chosen: Sequence[Found]
) -> Sample:
    channels = np.array([row for row, _ in chosen])
    shapes = tuple(SHAPES[shape] for _, shape in chosen)
    prices = budget.prices(spec, channels)
    return Sample(
        channels=channels.astype(np.int64),
        shapes=shapes,
        macs=prices.macs.astype(np.int64),
        params=prices.params.astype(np.int64),
        activations=prices.activations.astype(np.int64),
        memory_access=prices.memory_access.astype(np.int64),
        weights=weights(shapes),
        shortfalls=shortfalls(budget, budget.shares(prices), shapes, rules.least_share),
        latency_ms=prices.latency_ms,
    )


def _draw(
    spec: NetworkSpec,
    budget: Budget,
    asked: Round,
    rng: np.random.Generator,
    rules: Rules,
) -> Iterator[Found]:
    """One round: draw shapes, scale and round them, give those that fit."""
    strata, heights, places = draw_shapes(asked.tries.tolist(), spec.depth, rng)
    surfaces = quadratics(spec, heights, budget)
    lines = scaled(budget, surfaces, places, rules)
    is_full = lines.least_share >= rules.least_share
    wanted = np.flatnonzero(is_full | ~asked.is_strict[strata])
    channels, kept = rounded(
        spec,
        budget,
        lines.of(wanted),
        heights[wanted],
        np.isin(strata[wanted], _SMOOTH),
        rules,
        rng,
    )
    return zip(channels[kept], strata[wanted[kept]].tolist(), strict=True)


def _fills_both(spec: NetworkSpec, budget: Budget, rules: Rules) -> Mask:
    """Of which shapes some fill macs and params together; of none with one count."""
    if len(budget.counts) < 2:
        return np.zeros(len(SHAPES), dtype=np.bool_)
    rng = np.random.default_rng(0)
    strata, heights, places = draw_shapes([_PROBES] * len(SHAPES), spec.depth, rng)
    surfaces = quadratics(spec, heights, budget)
    fills = scaled(budget, surfaces, places, rules).least_share >= rules.least_share
    return np.array([fills[strata == shape].any() for shape in range(len(SHAPES))])


def _explanation(
    spec: NetworkSpec, budget: Budget, rules: Rules, count: int, found: int
) -> str:
    bounds = " and ".join(said(name, bound) for name, bound in budget.bounds.items())
    # Of a smaller sample other ones are drawn: it may find fewer.
    surely = found if found < _FEW else 3 * found // 4
    fewer = f"at most {surely:,} trials, " if found else ""
    return (
        f"only {found:,} of {count:,} configurations of {budget.name(spec)} were found to "
        f"fill {bounds} with blocks of {rules.min_width} channels or more that grow "
        f"{rules.max_growth:g}-fold or less; give {fewer}a wider slack, a smaller least "
        "width, a larger growth, or bounds that `rexpand solve` can meet"
    )
