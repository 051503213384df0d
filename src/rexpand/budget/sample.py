"""Configurations that meet a budget by construction, drawn over shapes.

Draw a shape, solve its scale from the quadratic of its cost, round, count. Rounding
changes the cost by a few tenths of a percent, so several offsets are tried, and the
first result within the tolerance is kept. So all of them fit before any is trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats, Prices, check_reachable, said
from rexpand.budget.order import in_order
from rexpand.budget.quadratic import quadratics
from rexpand.budget.scale import scaled
from rexpand.budget.shapes import draw_shapes
from rexpand.errors import BudgetError
from rexpand.spec import NetworkSpec, SpecLike, as_spec

_ROUNDS = 60  # of drawing new shapes for those without a scale for the budget
_ROUNDINGS = 12  # offsets tried per shape


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Distinct configurations within a budget: channels is (configurations, blocks).

    `latency_ms` is predicted, None without a latency table.
    """

    channels: NDArray[np.int64]
    shapes: tuple[str, ...]
    macs: NDArray[np.int64]
    params: NDArray[np.int64]
    latency_ms: NDArray[np.float64] | None = None


@dataclass(frozen=True, kw_only=True)
class _Draws:
    """Accepted configurations of one round."""

    channels: Floats
    shapes: tuple[str, ...]


def sample(
    spec: SpecLike,
    budget: Budget,
    count: int,
    *,
    seed: int,
    tolerance: float = 0.01,
    slack: float = 0.05,
    multiple_of: int = 1,
    earlier: Sequence[int] = (),
) -> Sample:
    """`count` non-decreasing configurations within the budget, a function of the seed.

    The binding bound is met within `tolerance`; of macs and params together, the other
    one within `slack`. With `earlier`, ascending counts of samples of this seed, the first
    configurations are those of these samples. Raises BudgetError if the family has too
    few such configurations.
    """
    spec = as_spec(spec)
    if count < 1:
        raise BudgetError(
            f"a sample cannot have {count} configurations; give 1 or more"
        )
    multiple_of = lcm(multiple_of, spec.channel_multiple)
    check_reachable(spec, budget, multiple_of)
    if budget.latency is not None:
        budget.latency.check_multiple(multiple_of)
    rng = np.random.default_rng(seed)
    found: dict[bytes, tuple[Floats, str]] = {}
    for goal in (*earlier, count):
        for _ in range(_ROUNDS):
            missing = goal - len(found)
            if missing <= 0:
                break
            # A quarter more than is missing: some shapes repeat, some have no scale.
            attempts = missing + missing // 4 + 16
            draws = _draw(spec, budget, attempts, rng, (tolerance, slack), multiple_of)
            for row in zip(draws.channels, draws.shapes, strict=True):
                found.setdefault(row[0].tobytes(), row)
    if len(found) < count:
        raise BudgetError(_explanation(spec, budget, count, len(found)))
    channels, shapes = zip(*list(found.values())[:count], strict=True)
    prices = budget.prices(spec, channels)
    return Sample(
        channels=np.array(channels).astype(np.int64),
        shapes=shapes,
        macs=prices.macs.astype(np.int64),
        params=prices.params.astype(np.int64),
        latency_ms=prices.latency_ms,
    )


def _draw(
    spec: NetworkSpec,
    budget: Budget,
    count: int,
    rng: np.random.Generator,
    margins: tuple[float, float],
    multiple_of: int,
) -> _Draws:
    """One round: draw shapes, scale and round them, keep those that fit."""
    shapes, heights, growth = draw_shapes(count, spec.depth, rng)
    surfaces = quadratics(spec, heights, budget.latency)
    slope, intercept = scaled(budget, surfaces, growth, margins[1], rng)
    widths = slope[:, None] * heights + intercept[:, None]
    solved = np.flatnonzero(np.isfinite(slope) & (slope >= 0) & (intercept > 0))
    channels = np.zeros_like(widths)
    pending = solved
    for _ in range(_ROUNDINGS):
        if not len(pending):
            break
        rows = _rounded(widths[pending], rng, multiple_of)
        fits = _fits(budget, budget.prices(spec, rows), margins) & in_order(spec, rows)
        channels[pending[fits]] = rows[fits]
        pending = pending[~fits]
    kept = np.setdiff1d(solved, pending)
    return _Draws(
        channels=channels[kept],
        shapes=tuple(shapes[index] for index in kept),
    )


def _rounded(widths: Floats, rng: np.random.Generator, multiple_of: int) -> Floats:
    """Round each row with one random offset for all its blocks: order and stages stay.

    A small random scale in addition to the offset makes the attempts differ in more
    than one number where a network has few blocks.
    """
    offsets = rng.random((len(widths), 1))
    scales = 1 + 0.01 * (rng.random((len(widths), 1)) - 0.5)
    return (
        np.maximum(np.floor(widths * scales / multiple_of + offsets), 1) * multiple_of
    )


def _fits(
    budget: Budget, prices: Prices, margins: tuple[float, float]
) -> NDArray[np.bool_]:
    """Within every bound, at one of them, and with two counts near the other."""
    tolerance, slack = margins
    shares = budget.shares(prices)
    tightest = shares.max(axis=0)
    full = (tightest <= 1) & (tightest >= 1 - tolerance)
    if len(budget.counts) == 2:
        loosest = shares[:2].min(axis=0)  # the counts come first
        full &= loosest >= 1 - max(slack, tolerance)
    return np.asarray(full)


def _explanation(spec: NetworkSpec, budget: Budget, count: int, found: int) -> str:
    bounds = " and ".join(said(name, bound) for name, bound in budget.bounds.items())
    return (
        f"only {found} of {count} configurations of {spec.name} fill {bounds}; "
        "give fewer trials, a wider slack, or bounds that `rexpand solve` can meet"
    )
