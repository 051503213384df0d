"""Which positions of a feature map are samples: a named choice, since it moves the rank.

`all` takes every position of every map. `pooled` takes the mean over them, one sample
an image. `strided` takes an even grid of g x g positions, the first half a step from
the edge: the least g that gives `OVERSAMPLING` samples per channel, the whole map at most.
Neighbouring positions say much the same, so a grid loses little and costs a fraction.
"""

from math import ceil
from typing import Literal

from torch import Tensor

Positions = Literal["all", "strided", "pooled"]

# Samples per channel. Of n samples of pure noise in d channels the singular values spread
# by 1 +- sqrt(d / n) (Marchenko and Pastur), so that with fewer the noise takes over.
OVERSAMPLING = 4


def grid_for(channels: int, side: tuple[int, ...], images: int) -> tuple[int, ...]:
    """Positions to take along each side of a map, in `strided` sampling."""
    if not side:
        return ()
    wanted = OVERSAMPLING * channels / images
    least = ceil(round(wanted ** (1 / len(side)), 6))
    return tuple(min(max(least, 1), length) for length in side)


def samples(
    features: Tensor, axis: int, positions: Positions, grid: tuple[int, ...]
) -> Tensor:
    """Rows (samples, channels) of features whose channels lie along `axis`."""
    maps = features.movedim(axis, -1)
    if maps.ndim == 2:
        return maps
    if positions == "pooled":
        return maps.flatten(1, -2).mean(1)
    if positions == "strided":
        for dim, count in enumerate(grid, start=1):
            step = maps.shape[dim] // count
            first = (maps.shape[dim] - step * (count - 1)) // 2
            maps = maps.narrow(dim, first, maps.shape[dim] - first)
            maps = maps[(slice(None),) * dim + (slice(None, None, step),)]
            maps = maps.narrow(dim, 0, count)
    return maps.flatten(0, -2)
