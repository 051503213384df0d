"""The line through the mean channels of a group, and how well it is known."""

import numpy as np
from numpy.typing import NDArray

from rexpand.records import LineBand

_RESAMPLES = 2000
_TAILS = (0.025, 0.975)

Floats = NDArray[np.float64]


def line_band(channels: Floats, weights: Floats, seed: int) -> LineBand | None:
    """The bootstrap's band of 95 % for the line through the weighted mean channels.

    The trials of the group are drawn again, with replacement; channels is (trials,
    blocks). None of a single trial, or of a single block.
    """
    trials, blocks = channels.shape
    if trials < 2 or blocks < 2:
        return None
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(trials, np.full(trials, 1 / trials), _RESAMPLES) * weights
    means = drawn @ channels / drawn.sum(axis=1, keepdims=True)
    index = np.arange(blocks)
    fit = np.linalg.pinv(np.stack([index, np.ones(blocks)], axis=1))
    slopes, intercepts = fit @ means.T
    lines = slopes[:, None] * index + intercepts[:, None]
    low, high = np.quantile(lines, _TAILS, axis=0)
    return LineBand(
        slope_low=float(np.quantile(slopes, _TAILS[0])),
        slope_high=float(np.quantile(slopes, _TAILS[1])),
        intercept_low=float(np.quantile(intercepts, _TAILS[0])),
        intercept_high=float(np.quantile(intercepts, _TAILS[1])),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
    )
