"""A data set of annotated images: those that train, and those that are held out."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.split import DetectionSplit
from rexpand.errors import DataError, quoted


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DetectionData:
    """Two splits over the same classes.

    `layout` is the format of its annotations. `is_parted_by_seed` says that the files
    name no part to hold out, and images were drawn. `defects` are those that were met,
    and what they concern is in no split.
    """

    name: str
    layout: str
    train: DetectionSplit
    held_out: DetectionSplit
    is_parted_by_seed: bool
    defects: tuple[Defect, ...] = ()

    def __repr__(self) -> str:
        return (
            f"DetectionData({quoted(self.name)}, {self.layout}: {len(self.train):,} "
            f"train and {len(self.held_out):,} held-out images of "
            f"{len(self.class_names)} classes)"
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of their numbers."""
        return self.train.class_names

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the files and annotations of both splits: what was trained on."""
        digest = hashlib.sha256()
        for split in (self.train, self.held_out):
            split.feed(digest)
        return digest.hexdigest()[:32]


def judged_within(
    data: DetectionData, *, held_out: int, train: int, seed: int
) -> DetectionData:
    """The training images alone: `held_out` of them judge, and `train` train (0: the rest).

    The seed draws both. Raises DataError if there are not so many, or none of either has
    an object.
    """
    images = len(data.train)
    if held_out + max(train, 1) > images:
        raise DataError(
            f"a training subset of {max(train, 1)} and {held_out} held-out images are more "
            f"than the {images} training images of {data.name}; give at most "
            f"{max(images - held_out, 0)}"
        )
    order = np.random.default_rng(seed).permutation(images)
    rest = order[held_out:]
    found = replace(
        data,
        train=data.train.subset(np.sort(rest[: train or None])),
        held_out=data.train.subset(np.sort(order[:held_out])),
        is_parted_by_seed=True,
    )
    for split, what in ((found.train, "train"), (found.held_out, "judge")):
        if not split.instances:
            raise DataError(
                f"the {len(split)} images of {data.name} that {what} in a search have no "
                "object; give more images, or another seed"
            )
    return found
