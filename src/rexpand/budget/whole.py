"""From a line to whole channels that fill a budget and never exceed it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Budget, Floats
from rexpand.budget.order import in_order, risen
from rexpand.spec import NetworkSpec, Parameterization

_FULL = 0.995  # a configuration that fills this share of its bound is full enough


def whole_channels(
    spec: NetworkSpec, budget: Budget, line: Parameterization, multiple_of: int
) -> tuple[tuple[int, ...], Parameterization]:
    """Channels in whole multiples within the budget, and the line that they follow.

    First every rounding of a line with a nearby slope is costed, and the fullest is
    taken with its line. If that leaves more than half a percent of the budget, one or
    two blocks at a time move off `line` by a multiple, until it is full. Where that
    ends too early, the next fullest rounding is tried.
    """
    slopes = _slopes(spec.depth, line, multiple_of)
    shape = np.array(line.shape(spec.depth))
    rows = _rounded(slopes[:, None] * shape + line.intercept, multiple_of)
    fill = budget.fill(budget.prices(spec, rows))
    fits = (fill <= 1) & in_order(spec, rows)
    order = np.lexsort((np.abs(slopes - line.slope), -np.where(fits, fill, -1)))
    best = order[0]
    if fits[best] and fill[best] >= _FULL:
        return _integers(rows[best]), replace(line, slope=float(slopes[best]))
    starts = list(dict.fromkeys(_integers(row) for row in rows[order[: fits.sum()]]))
    if not starts:
        starts = [_integers(_below(spec, budget, line, multiple_of))]
    return _fullest(spec, budget, starts, line, multiple_of), line


def _fullest(
    spec: NetworkSpec,
    budget: Budget,
    starts: Sequence[tuple[int, ...]],
    line: Parameterization,
    multiple_of: int,
) -> tuple[int, ...]:
    """The first start that fills the budget when topped up, or else the fullest.

    Topping up ends where no move of two blocks fills more of the budget; from another
    start it may not end there.
    """
    found: dict[tuple[int, ...], float] = {}
    for start in starts:
        channels = _topped_up(spec, budget, np.array(start), line, multiple_of)
        fill = float(budget.fill(budget.prices(spec, [channels]))[0])
        found[_integers(channels)] = fill
        if fill >= _FULL:
            break
    return max(found, key=lambda channels: found[channels])


def _slopes(depth: int, line: Parameterization, multiple_of: int) -> Floats:
    """Slopes that give every rounding within about a multiple of this line's.

    Between two slopes at which a width crosses a rounding boundary nothing changes, so
    the boundaries and the midpoints between them give all possible roundings.
    """
    shape = np.array(line.shape(depth))
    shape, widths = shape[shape != 0], np.array(line.widths(depth))[shape != 0]
    steps = np.arange(-2, 3)[:, None] + 0.5
    edges = (np.floor(widths / multiple_of) + steps) * multiple_of - line.intercept
    slopes = np.unique((edges / shape).ravel())
    return np.concatenate([slopes, (slopes[1:] + slopes[:-1]) / 2, [line.slope]])


def _below(
    spec: NetworkSpec, budget: Budget, line: Parameterization, multiple_of: int
) -> Floats:
    """The highest multiples below the line that fit; the thinnest always fit."""
    steps = np.floor(np.array(line.widths(spec.depth)) / multiple_of)
    lowered = steps - np.arange(int(steps.max()) + 1)[:, None]
    rows = risen(spec, np.maximum(lowered, 1) * multiple_of, multiple_of)
    fits = budget.fill(budget.prices(spec, rows)) <= 1
    return np.asarray(rows[fits.argmax()])


def _rounded(widths: Floats, multiple_of: int) -> Floats:
    """The nearest multiples, half to even, at least one."""
    return np.maximum(np.rint(widths / multiple_of), 1) * multiple_of


def _integers(row: Floats) -> tuple[int, ...]:
    return tuple(int(width) for width in row)


def _topped_up(
    spec: NetworkSpec,
    budget: Budget,
    channels: Floats,
    line: Parameterization,
    multiple_of: int,
) -> Floats:
    """Move one or two blocks at a time by a multiple until the budget is full.

    No block moves two multiples or more away from the line, even if room is left.
    """
    moves = _moves(spec.depth) * multiple_of
    target = np.array(line.widths(spec.depth))
    while True:
        rows = channels + moves
        near = (np.abs(rows - target) < 2 * multiple_of) | (rows == channels)
        rows = rows[(near & (rows >= multiple_of)).all(axis=1)]
        rows = rows[in_order(spec, rows)]
        fill = budget.fill(budget.prices(spec, rows))
        # Among full configurations, the one nearest to the line is best.
        worth = np.where(fill > 1, -1, np.minimum(fill, _FULL))
        best = np.lexsort((((rows - target) ** 2).sum(axis=1), -worth))[0]
        if (rows[best] == channels).all():
            return channels
        channels = rows[best]


def _moves(depth: int) -> NDArray[np.float64]:
    """No change, and every change of one or two blocks by one, up or down."""
    unit = np.eye(depth)
    singles = [sign * unit[i] for i in range(depth) for sign in (1, -1)]
    pairs = [
        first * unit[i] + second * unit[j]
        for i, j in combinations(range(depth), 2)
        for first in (1, -1)
        for second in (1, -1)
    ]
    return np.array([np.zeros(depth), *singles, *pairs])
