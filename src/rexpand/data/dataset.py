"""What a data set is: a train and a test split and the names of their classes."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

from rexpand.data.split import Split, stratified_subset
from rexpand.errors import DataError, quoted
from rexpand.recipe import Augmentation
from rexpand.spec import ImageContract


@dataclass(frozen=True, kw_only=True, repr=False)
class DataSet:
    """Two splits of square images over the same classes.

    `resolution` and `in_channels` are those of the batches. `skipped` names the files
    that were left out because they are corrupt, empty unless that was asked for;
    `no_files` what has the name of an image and is a pipe, a device or a dead link.
    """

    name: str
    train: Split
    test: Split
    class_names: tuple[str, ...]
    resolution: int
    in_channels: int
    default_augmentation: Augmentation
    skipped: tuple[str, ...] = ()
    no_files: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"DataSet({quoted(self.name)}: {len(self.train):,} train and "
            f"{len(self.test):,} test images of {self.num_classes} classes, "
            f"{self.in_channels}x{self.resolution}x{self.resolution})"
        )

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the images and labels of both splits: what was trained on."""
        digest = hashlib.sha256()
        for split in (self.train, self.test):
            split.feed(digest)
        return digest.hexdigest()[:32]

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def contract(self) -> ImageContract:
        """The images that a network trained on it takes."""
        return replace(self.test.contract, class_names=self.class_names)

    def seen_as(self, contract: ImageContract) -> "DataSet":
        """The same images, fed as a network's contract says (`Split.seen_as`)."""
        return replace(
            self,
            train=self.train.seen_as(contract),
            test=self.test.seen_as(contract),
            resolution=contract.height,
        )


def with_train_subset(
    data: DataSet, count: int, *, held_out: int, seed: int
) -> DataSet:
    """The data set with `count` training images, besides those held out; 0 is all.

    Raises DataError if there are not so many.
    """
    check_subset(data, count, held_out=held_out)
    if not count:
        return data
    subset = stratified_subset(data.train, count + held_out, seed)
    return replace(data, train=subset)


def check_subset(data: DataSet, count: int, *, held_out: int) -> None:
    """Raise DataError unless there are so many training images besides those held out."""
    images = len(data.train)
    if held_out >= images:
        raise DataError(
            f"the recipe holds out {held_out} of the {images} training images of "
            f"{data.name}; take one whose validation is smaller"
        )
    if count + held_out > images:
        raise DataError(
            f"a training subset of {count} and {held_out} held-out images are more "
            f"than the {images} of {data.name}; give at most {images - held_out}"
        )
