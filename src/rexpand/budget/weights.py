"""Weights that make means over a sample comparable: every shape counts alike."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.shapes import SHAPES

_MOST = 3.0  # so that a shape with a few configurations does not carry a mean alone


def weights(shapes: Sequence[str]) -> NDArray[np.float64]:
    """The weight of each configuration in a mean, 1 on average.

    It is what its shape should have, a fifth of all, over what it has; cut to 3, and then
    scaled to an average of 1. In equal shares all weights are 1.
    """
    if not shapes:
        return np.empty(0)
    sizes = Counter(shapes)
    due = len(shapes) / len(SHAPES)
    found = np.array([min(due / sizes[shape], _MOST) for shape in shapes])
    return np.asarray(found / found.mean())


def effective_number(of: NDArray[np.float64]) -> float:
    """How many equal weights give a mean as sure as these do (Kish, 1965)."""
    return float(of.sum() ** 2 / (of**2).sum())
