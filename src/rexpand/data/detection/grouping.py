"""Batches of images of like shapes, which are padded less.

As the sampler of torchvision's reference training: images are drawn in a random order,
and a batch is over as soon as one group has enough of them.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


def by_aspect_ratio(
    order: Tensor, ratios: Sequence[float], *, batch_size: int, factor: int
) -> Tensor:
    """The same images in an order whose batches have one group each, as far as that goes.

    `order` (images,) int64 are places in `ratios`, width by height. There are 2 * factor
    + 2 groups, parted at powers of 2 ** (1 / factor) from a half to 2; at 1 alone for a
    factor of 0. What fills no batch comes last, group by group.
    """
    bounds = 2 ** np.linspace(-1, 1, 2 * factor + 1) if factor else np.ones(1)
    groups = np.searchsorted(bounds, np.asarray(ratios), side="right")
    waiting: dict[int, list[int]] = defaultdict(list)
    found: list[int] = []
    for place in order.tolist():
        group = waiting[int(groups[place])]
        group.append(place)
        if len(group) == batch_size:
            found += group
            group.clear()
    for number in sorted(waiting):
        found += waiting[number]
    return torch.tensor(found, dtype=torch.int64)
