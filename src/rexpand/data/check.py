"""A check-up of a data set: every image decoded, counted and compared with the others.

Two images are duplicates if they have the same size and the same pixels.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rexpand.data.decoding import decode
from rexpand.data.load import load
from rexpand.data.normalisation import Moments, Normalisation
from rexpand.data.split import Split
from rexpand.data.streams import StreamSplit
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """An image and the first training image that equals it, by file or as train[7]."""

    image: str
    first: str
    is_same_class: bool


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What a data set holds.

    `mean` and `std` are of all pixels of the training images, each channel, 255 being
    1; corrupt files are counted as images, and left out of everything else.
    """

    name: str
    classes: int
    train_images: int
    test_images: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    corrupt: tuple[str, ...]
    duplicates_within_train: tuple[Duplicate, ...]
    duplicates_across: tuple[Duplicate, ...]


def check(name: str, root: Path | None = None) -> CheckReport:
    """Check a data set; raises as `load` does, but reports corrupt image files."""
    data = load(name, root=root)
    train, test = _Look(), _Look()
    train.over(data.train, "train", known=train.first)
    test.over(data.test, "test", known=train.first)
    normalisation = train.normalisation()
    return CheckReport(
        name=data.name,
        classes=data.num_classes,
        train_images=len(data.train),
        test_images=len(data.test),
        mean=normalisation.mean,
        std=normalisation.std,
        corrupt=tuple(train.corrupt + test.corrupt),
        duplicates_within_train=tuple(train.duplicates),
        duplicates_across=tuple(test.duplicates),
    )
