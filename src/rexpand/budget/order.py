"""Which channels may follow which: the rules of a family and its blocks."""

import numpy as np
from numpy.typing import NDArray

from rexpand.spec import NetworkSpec

_Floats = NDArray[np.float64]


def may_follow(
    spec: NetworkSpec, before: _Floats, own: _Floats, index: int
) -> NDArray[np.bool_]:
    """Whether widths of block `index` may follow widths of the block before it."""
    if spec.blocks[index].keeps_input:
        return np.asarray(own > before)
    if spec.non_decreasing and index:
        return np.asarray(own >= before)
    return np.ones(np.broadcast(before, own).shape, dtype=bool)


def in_order(spec: NetworkSpec, rows: _Floats) -> NDArray[np.bool_]:
    """Whether each configuration rises where it must: rows is (any, blocks)."""
    pairs = zip(_inputs(spec, rows).T, rows.T, range(spec.depth), strict=True)
    return np.all([may_follow(spec, *pair) for pair in pairs], axis=0)


def risen(spec: NetworkSpec, rows: _Floats, multiple_of: int) -> _Floats:
    """The rows in order; a width whose block keeps its input is a multiple above it."""
    raised = np.array(rows, dtype=np.float64)
    for index, block in enumerate(spec.blocks):
        before = _inputs(spec, raised)[:, index]
        if block.keeps_input:
            least = (before // multiple_of + 1) * multiple_of
            raised[:, index] = np.maximum(raised[:, index], least)
        elif spec.non_decreasing and index:
            raised[:, index] = np.maximum(raised[:, index], before)
    return raised


def _inputs(spec: NetworkSpec, rows: _Floats) -> _Floats:
    """Input channels of each block, (any, blocks)."""
    stem = np.full((len(rows), 1), float(spec.stem.out_channels))
    return np.concatenate([stem, rows[:, :-1]], axis=1)
