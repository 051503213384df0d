"""Mixup and CutMix: a batch mixed with itself in reverse order, as timm has them.

A loss that is linear in the labels, as cross-entropy is, needs no soft labels: it is
`share` of the loss for `labels` and 1 - `share` of that for `others`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rexpand.recipe import Augmentation


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixed:
    """Images (batch, channels, height, width), and the two labels of each, (batch,)."""

    images: Tensor
    labels: Tensor
    others: Tensor
    share: float


def mixed(
    images: Tensor,
    labels: Tensor,
    augmentation: Augmentation,
    chance: np.random.Generator,
) -> Mixed:
    """A batch as the augmentation mixes it, all of it by one share.

    Without mixup and cutmix the share is 1 and nothing is drawn.
    """
    mixup, cutmix = augmentation.mixup, augmentation.cutmix
    if cutmix and not (mixup and chance.random() < 0.5):
        share = float(chance.beta(cutmix.alpha, cutmix.alpha))
        images, share = _cut(images, share, chance)
    elif mixup:
        share = float(chance.beta(mixup.alpha, mixup.alpha))
        images = torch.lerp(images.flip(0), images, share)
    else:
        share = 1.0
    return Mixed(images=images, labels=labels, others=labels.flip(0), share=share)


def _cut(
    images: Tensor, share: float, chance: np.random.Generator
) -> tuple[Tensor, float]:
    """Images with a rectangle of others, clipped at the border, and what is left."""
    height, width = images.shape[2:]
    side = np.sqrt(1 - share)
    rows = _span(height, int(height * side), chance)
    columns = _span(width, int(width * side), chance)
    cut = images.clone()
    cut[..., rows, columns] = images.flip(0)[..., rows, columns]
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    return cut, 1 - area / (height * width)


def _span(side: int, length: int, chance: np.random.Generator) -> slice:
    """`length` places around a random one, clipped to the side."""
    start = int(chance.integers(side)) - length // 2
    return slice(max(start, 0), min(start + length, side))
