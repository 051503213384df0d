"""A check-up of a data set: every image decoded, counted and compared with the others.

Two images are duplicates if they have the same size and the same pixels.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rexpand.data.dataset import DataSet
from rexpand.data.decoding import decode
from rexpand.data.images import StoredImage
from rexpand.data.labelled import Labelled, load_labelled
from rexpand.data.load import load, origin_of
from rexpand.data.normalisation import Moments
from rexpand.data.sequential import SequentialSplit
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

    `mean` and `std` are of all pixels of the training images, or of the test images
    where there are no others, per channel, 255 being 1; corrupt files are counted as
    images, and left out of everything else. `no_files` have names of images and are
    pipes, devices or dead links: they are no images. `converted` is how many images of
    each colour mode become RGB (Pillow's names).
    """

    name: str
    classes: int
    train_images: int
    test_images: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    corrupt: tuple[str, ...]
    no_files: tuple[str, ...]
    converted: Mapping[str, int]
    duplicates_within_train: tuple[Duplicate, ...]
    duplicates_within_test: tuple[Duplicate, ...]
    duplicates_across: tuple[Duplicate, ...]


def check(name: str, root: str | Path | None = None) -> CheckReport:
    """Check a data set; raises as `load` does, but reports corrupt image files.

    A place with test/ or val/ alone has no training images.
    """
    data: DataSet | Labelled
    origin = origin_of(name, root)
    if origin is not None and not origin.has_training:
        data = tests = load_labelled(name, root=root)
        train, test_split = _look(iter(()), {}), tests.split
    else:
        data = both = load(name, root=root)
        train, test_split = _look(_images(both.train, "train"), {}), both.test
    test = _look(_images(test_split, "test"), train.seen)
    measured, part = (train, "training") if train.images else (test, "test")
    if len(measured.corrupt) == measured.images:
        raise DataError(
            f"all {measured.images} {part} images of {name} are corrupt, "
            f"'{measured.corrupt[0]}' the first; copy the data set again"
        )
    normalisation = measured.moments.normalisation()
    return CheckReport(
        name=data.name,
        classes=data.num_classes,
        train_images=train.images,
        test_images=test.images,
        mean=normalisation.mean,
        std=normalisation.std,
        corrupt=train.corrupt + test.corrupt,
        no_files=data.no_files,
        converted=dict(sorted((train.converted + test.converted).items())),
        duplicates_within_train=train.within,
        duplicates_within_test=test.within,
        duplicates_across=test.across,
    )


@dataclass(frozen=True, kw_only=True)
class _Image:
    """Pixels uint8 (height, width, channels), None for a corrupt file; stored as `mode`."""

    name: str
    label: int
    pixels: Tensor | None
    mode: str = "RGB"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Look:
    """What one split gave; `seen` maps a digest to the first image that has it."""

    images: int
    moments: Moments
    seen: dict[bytes, _Image]
    corrupt: tuple[str, ...]
    converted: Counter[str]
    within: tuple[Duplicate, ...]
    across: tuple[Duplicate, ...]


def _look(images: Iterator[_Image], known: dict[bytes, _Image]) -> _Look:
    """Look at every image once, and compare it with `known` ones and those before."""
    count, moments, seen = 0, Moments(), dict[bytes, _Image]()
    corrupt, within, across, converted = [], [], [], Counter[str]()
    for count, image in enumerate(images, start=1):  # noqa: B007
        if image.pixels is None:
            corrupt.append(image.name)
            continue
        if image.mode != "RGB":
            converted[image.mode] += 1
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
        images=count,
        moments=moments,
        seen=seen,
        corrupt=tuple(corrupt),
        converted=converted,
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
    if isinstance(split, TensorSplit):
        labels = split.labels.tolist()
        for index, pixels in enumerate(split.stored_images()):
            yield _Image(name=f"{part}[{index}]", label=labels[index], pixels=pixels)
    elif isinstance(split, StreamSplit):
        for index, label in enumerate(split.labels.tolist()):
            yield _decoded(split.images[index], label)
    elif isinstance(split, SequentialSplit):
        for image, label in split.examples(None):
            yield _decoded(image, label)


def _decoded(image: StoredImage, label: int) -> _Image:
    try:
        found = decode(image)
    except DataError:
        return _Image(name=image.name, label=label, pixels=None)
    pixels = torch.from_numpy(np.array(found.rgb))
    return _Image(name=image.name, label=label, pixels=pixels, mode=found.mode)
