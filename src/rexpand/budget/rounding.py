"""Solved shapes in whole channels: rounded until they meet the budget.

Rounding changes the cost by a few tenths of a percent, so several offsets are tried, and
the first result within the tolerance is kept.
"""

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats, Prices
from rexpand.budget.order import in_order
from rexpand.budget.rules import Rules
from rexpand.budget.scale import Scaled
from rexpand.spec import NetworkSpec

_ROUNDINGS = 12  # offsets tried per shape

Indices = NDArray[np.int64]


def rounded(
    spec: NetworkSpec,
    budget: Budget,
    lines: Scaled,
    heights: Floats,
    is_smooth: NDArray[np.bool_],
    rules: Rules,
    rng: np.random.Generator,
) -> tuple[Floats, Indices]:
    """The channels of shapes with these lines, and the indices of those that meet all.

    `heights` is (shapes, blocks). The blocks of a shape that `is_smooth` are rounded each
    for itself, those of another one alike, so that stages stay.
    """
    widths = lines.slope[:, None] * heights + lines.intercept[:, None]
    is_solved = np.isfinite(lines.slope) & (lines.slope >= 0) & (lines.intercept > 0)
    solved = np.flatnonzero(is_solved)
    channels = np.zeros_like(widths)
    pending = solved
    for _ in range(_ROUNDINGS):
        if not len(pending):
            break
        rows = _whole(widths[pending], is_smooth[pending], rng, rules.multiple_of)
        fits = _fits(
            budget, budget.prices(spec, rows), rules, lines.least_share[pending]
        )
        fits &= in_order(spec, rows) & rules.keep(rows)
        channels[pending[fits]] = rows[fits]
        pending = pending[~fits]
    return channels, np.setdiff1d(solved, pending)


def _whole(
    widths: Floats,
    is_smooth: NDArray[np.bool_],
    rng: np.random.Generator,
    multiple_of: int,
) -> Floats:
    """Round each row up or down at random, by less than a multiple, and keep its order.

    All blocks of a row have one offset, so that stages stay. There are few smooth shapes,
    of lines only one, and few of them would differ: each of their blocks has its own
    offset, and sorting leaves it within a multiple. A small random scale makes the
    attempts differ more where a network has few blocks.
    """
    offsets = rng.random(widths.shape)
    offsets = np.where(is_smooth[:, None], offsets, offsets[:, :1])
    scales = 1 + 0.01 * (rng.random((len(widths), 1)) - 0.5)
    rows = np.floor(widths * scales / multiple_of + offsets)
    return np.sort(np.maximum(rows, 1), axis=1) * multiple_of


def _fits(
    budget: Budget, prices: Prices, rules: Rules, least_share: Floats
) -> NDArray[np.bool_]:
    """Within every bound, at one of them, and with two counts near the other."""
    shares = budget.shares(prices)
    tightest = shares.max(axis=0)
    full = (tightest <= 1) & (tightest >= 1 - rules.tolerance)
    if len(budget.counts) == 2:
        full &= shares[:2].min(axis=0) >= least_share  # the counts come first
    return np.asarray(full)
