"""The shapes that configurations are drawn from: five strata, Latin hypercubes in each.

A shape is a non-decreasing row of heights from 0 to 1. The widths are
1 + (growth - 1) x height, times a scale that the budget gives; `growth` is the last width
over the first. Numbers of a shape are drawn by a Latin hypercube over the configurations
of its stratum: n draws fall into n equal cells, one in each.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Floats

_EXPONENT = 4.0  # convex shapes go up to (i / d)^4, concave ones to its inverse
_MOST_KNOTS = 3


def draw_shapes(
    counts: Sequence[int], depth: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """So many shapes of each of `SHAPES`: their strata, heights and places.

    Strata are indices into `SHAPES`, heights are (shapes, depth). The place of a shape,
    from 0 to 1, is where its growth lies in the range that the budget leaves it.
    """
    strata = np.repeat(np.arange(len(SHAPES)), counts)
    draws = [draw(n, depth, rng) for draw, n in zip(_DRAWS, counts, strict=True)]
    places = [_cells(n, 1, rng)[:, 0] for n in counts]
    return strata, np.concatenate(draws), np.concatenate(places)


def _cells(count: int, columns: int, rng: np.random.Generator) -> Floats:
    """A Latin hypercube on [0, 1): per column, one point in each of `count` cells."""
    cells = np.tile(np.arange(count)[:, None], (1, columns))
    return (rng.permuted(cells, axis=0) + rng.random((count, columns))) / max(count, 1)


def _positions(depth: int) -> Floats:
    return np.linspace(0, 1, depth)


def _convex(count: int, depth: int, rng: np.random.Generator) -> Floats:
    exponents = _EXPONENT ** _cells(count, 1, rng)
    return np.asarray(_positions(depth) ** exponents)


def _concave(count: int, depth: int, rng: np.random.Generator) -> Floats:
    exponents = _EXPONENT ** -_cells(count, 1, rng)
    return np.asarray(_positions(depth) ** exponents)


def _linear(count: int, depth: int, rng: np.random.Generator) -> Floats:
    return np.tile(_positions(depth), (count, 1))


def _stagewise(count: int, depth: int, rng: np.random.Generator) -> Floats:
    """Steps at random blocks, of random heights, as in MobileNetV2."""
    steps = rng.random((count, depth)) * (rng.random((count, depth)) < 0.4)
    steps[:, 0] = 0
    # At least one step: a flat network has no shape.
    last = rng.integers(1, depth, count) if depth > 1 else np.zeros(count, int)
    steps[np.arange(count), last] += 0.1 + rng.random(count)
    return _normalised(np.cumsum(steps, axis=1))


def _knots(count: int, depth: int, rng: np.random.Generator) -> Floats:
    """Straight from knot to knot, with one to three knots inside, anywhere."""
    cells = _cells(count, 2 * _MOST_KNOTS, rng)
    inside = np.arange(_MOST_KNOTS) < rng.integers(1, _MOST_KNOTS + 1, (count, 1))
    # A knot that is not used is at the last point, where it changes nothing.
    places = np.sort(np.where(inside, cells[:, :_MOST_KNOTS], 1.0), axis=1)
    levels = np.sort(np.where(inside, cells[:, _MOST_KNOTS:], 1.0), axis=1)
    grid = _positions(depth)
    heights = [
        np.interp(grid, [0, *place, 1], [0, *level, 1])
        for place, level in zip(places, levels, strict=True)
    ]
    return np.array(heights).reshape(count, depth)


def _normalised(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(rows[:, -1:], 1e-12))


_Draw = Callable[[int, int, np.random.Generator], NDArray[np.float64]]
_STRATA: Mapping[str, _Draw] = {
    "linear": _linear,
    "convex": _convex,
    "concave": _concave,
    "stagewise": _stagewise,
    "knots": _knots,
}
SHAPES = tuple(_STRATA)
_DRAWS = tuple(_STRATA.values())
