"""A data set of annotated images: those that train, and those that are held out."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.split import DetectionSplit
from rexpand.errors import quoted


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
