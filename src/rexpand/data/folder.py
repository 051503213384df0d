"""Image folders: FOLDER/train/CLASS/*.jpg and the same under test/, else under val/.

JPEG and PNG count, at any depth below the class. Where test/ and val/ are both there,
test/ is the test split and val/ is left out.
"""

from pathlib import Path
from typing import Literal

import numpy as np

from rexpand.data.arrays import check_classes
from rexpand.data.dataset import DataSet
from rexpand.data.decoding import corrupt_among
from rexpand.data.files import Listing, folders_in, is_folder, list_images
from rexpand.data.streams import StreamSplit
from rexpand.errors import DataError
from rexpand.ranges import CLASS_NAME
from rexpand.recipe import Augmentation

OnCorrupt = Literal["fail", "skip"]
RESOLUTION = 224
# Photographs may be mirrored; the crop is the stream's own
AUGMENTATION = Augmentation(flip=True)


def read_folder(
    name: str, folder: Path, *, resolution: int, on_corrupt: OnCorrupt
) -> DataSet:
    """A data set streamed from files; it lists them, and decodes none of them now.

    With `on_corrupt` "skip" it decodes them all once, to leave out the corrupt ones
    before anything is counted on: splits and labels do not change later.
    Raises DataError if train/ does not hold two classes, each with images.
    """
    class_names = class_folders(folder / "train")
    check_classes(f"'{folder / 'train'}'", class_names)
    train, no_files = read_split(folder / "train", class_names, resolution)
    test, no_test_files = read_split(test_folder(folder), class_names, resolution)
    skipped: tuple[str, ...] = ()
    if on_corrupt == "skip":
        skipped = corrupt_among(train.files + test.files)
        train, test = _without(train, skipped), _without(test, skipped)
    for label in np.setdiff1d(np.arange(len(class_names)), train.labels):
        raise DataError(
            f"'{folder / 'train' / class_names[label]}' holds no image (JPEG or PNG) "
            "to train on; fill or remove the folder"
        )
    return DataSet(
        name=name,
        train=train,
        test=test,
        class_names=class_names,
        resolution=resolution,
        in_channels=3,
        default_augmentation=AUGMENTATION,
        skipped=skipped,
        no_files=no_files + no_test_files,
    )


def read_split(
    folder: Path, class_names: tuple[str, ...], resolution: int
) -> tuple[StreamSplit, tuple[str, ...]]:
    """The images of FOLDER/CLASS/*, labelled by the place of CLASS in `class_names`.

    Also the paths that have the name of an image and are no file (`Listing`). Raises
    DataError for a class of another name, and if there is no image at all.
    """
    unknown = sorted(set(class_folders(folder)) - set(class_names))
    if unknown:
        raise DataError(
            f"'{folder / unknown[0]}' is a class that train/ does not have; "
            "rename or remove it"
        )
    by_class = [_of_class(folder / class_name) for class_name in class_names]
    files = tuple(file for listing in by_class for file in listing.images)
    no_files = tuple(file for listing in by_class for file in listing.no_files)
    if not files:
        raise DataError(f"'{folder}' holds no image (JPEG or PNG) in its class folders")
    counts = [len(listing.images) for listing in by_class]
    labels = np.repeat(np.arange(len(class_names), dtype=np.int64), counts)
    return StreamSplit(files=files, labels=labels, resolution=resolution), no_files


def _of_class(folder: Path) -> Listing:
    """The images of a class; none where a split lacks its folder."""
    if not is_folder(folder):
        return Listing(images=(), no_files=())
    return list_images(folder)


def class_folders(folder: Path) -> tuple[str, ...]:
    """Names of the class folders, sorted; DataError if there are none."""
    if not is_folder(folder):
        raise DataError(
            f"'{folder}' is not there; an image folder has train/CLASS/IMAGE.jpg and "
            "the same under test/ or val/"
        )
    names = folders_in(folder)
    if not names:
        raise DataError(
            f"'{folder}' has no class folders; put its images in one folder a class"
        )
    for name in names:
        CLASS_NAME.check(f"class folder in '{folder}':", name, DataError)
    return names


def test_folder(folder: Path) -> Path:
    """Where the test images lie: test/ if it is there, else val/."""
    return folder / ("test" if is_folder(folder / "test") else "val")


def _without(split: StreamSplit, skipped: tuple[str, ...]) -> StreamSplit:
    unwanted = set(skipped)
    kept = [index for index, file in enumerate(split.files) if file not in unwanted]
    if not kept:
        raise DataError(
            f"all {len(split)} images are corrupt, '{split.files[0]}' the first; "
            "copy the data set again"
        )
    return split.subset(kept)
