"""A check-up of a data set: every image decoded, counted and compared with the others.

Two images are duplicates if they have the same size and the same pixels.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rexpand.data.decoding import decode
from rexpand.data.load import load
from rexpand.data.normalisation import Moments
from rexpand.data.split import Split
from rexpand.data.streams import StreamSplit
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """An image and the first that equals it, by file name or as train[7]."""

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
    duplicates_within_test: tuple[Duplicate, ...]
    duplicates_across: tuple[Duplicate, ...]


def check(name: str, root: str | Path | None = None) -> CheckReport:
    """Check a data set; raises as `load` does, but reports corrupt image files."""
    data = load(name, root=root)
    train = _look(_images(data.train, "train"), {})
    test = _look(_images(data.test, "test"), train.seen)
    if len(train.corrupt) == len(data.train):
        raise DataError(
            f"all {len(data.train)} training images of {name} are corrupt, "
            f"'{train.corrupt[0]}' the first; copy the data set again"
        )
    normalisation = train.moments.normalisation()
    return CheckReport(
        name=data.name,
        classes=data.num_classes,
        train_images=len(data.train),
        test_images=len(data.test),
        mean=normalisation.mean,
        std=normalisation.std,
        corrupt=train.corrupt + test.corrupt,
        duplicates_within_train=train.within,
        duplicates_within_test=test.within,
        duplicates_across=test.across,
    )


@dataclass(frozen=True, kw_only=True)
class _Image:
    """Pixels uint8 (height, width, channels), None for a corrupt file."""

    name: str
    label: int
    pixels: Tensor | None


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    """What one split gave; `seen` maps a digest to the first image that has it."""

    moments: Moments
    seen: dict[bytes, _Image]
    corrupt: tuple[str, ...]
    within: tuple[Duplicate, ...]
    across: tuple[Duplicate, ...]


def _look(images: Iterator[_Image], known: dict[bytes, _Image]) -> _Look:
    """Look at every image once, and compare it with `known` ones and those before."""
    moments, seen = Moments(), dict[bytes, _Image]()
    corrupt, within, across = [], [], []
    for image in images:
        if image.pixels is None:
            corrupt.append(image.name)
            continue
        moments.add(image.pixels)
        digest = _digest(image.pixels)
        if digest in known:
            across.append(_duplicate(image, known[digest]))
        elif digest in seen:
            within.append(_duplicate(image, seen[digest]))
        else:
            # names stay, pixels go: a data set of files does not fit in memory
            seen[digest] = replace(image, pixels=None)
    return _Look(
        moments=moments,
        seen=seen,
        corrupt=tuple(corrupt),
        within=tuple(within),
        across=tuple(across),
    )


def _duplicate(image: _Image, first: _Image) -> Duplicate:
    return Duplicate(
        image=image.name,
        first=first.name,
        is_same_class=image.label == first.label,
    )


def _digest(pixels: Tensor) -> bytes:
    digest = hashlib.blake2b(str(tuple(pixels.shape)).encode(), digest_size=16)
    digest.update(pixels.numpy().tobytes())
    return digest.digest()


def _images(split: Split, part: str) -> Iterator[_Image]:
    """The images of a split in order; those in memory are named train[0], train[1]."""
    labels = split.labels.tolist()
    if isinstance(split, TensorSplit):
        for index, pixels in enumerate(split.stored_images()):
            yield _Image(name=f"{part}[{index}]", label=labels[index], pixels=pixels)
    elif isinstance(split, StreamSplit):
        for file, label in zip(split.files, labels, strict=True):
            yield _Image(name=file, label=label, pixels=_decoded(file))


def _decoded(file: str) -> Tensor | None:
    try:
        return torch.from_numpy(np.array(decode(file)))
    except DataError:
        return None
