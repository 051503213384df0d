"""Data sets that are four arrays, and the .npz file that holds them.

The keys are train_images, train_labels, test_images, test_labels and, if there,
class_names; images are uint8 (images, height, width[, 1 or 3]). MedMNIST's files are
of this kind; their val_images are left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from rexpand.data.classes import (
    check_all_present,
    check_classes,
    check_labels,
    numbered_names,
)
from rexpand.data.dataset import DataSet
from rexpand.data.normalisation import Normalisation, measured
from rexpand.data.split import Labels
from rexpand.data.tensors import TensorSplit
from rexpand.documents.arrays import read_arrays
from rexpand.errors import DataError
from rexpand.ranges import RESOLUTION, SOME_CLASSES
from rexpand.recipe import Augmentation

Array = npt.NDArray[np.generic]
_KEYS = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True, kw_only=True, eq=False)
class Arrays:
    """Images uint8 (images, height, width, channels), labels (images,), their names.

    `source` is what a message calls them. Raises DataError if they are no data set.
    """

    source: str
    train_images: npt.NDArray[np.uint8]
    train_labels: Labels
    test_images: npt.NDArray[np.uint8]
    test_labels: Labels
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise DataError(
                f"{self.source}: train images are {self.train_images.shape[1:]}, test "
                f"images {self.test_images.shape[1:]}; save them at one size"
            )
        classes = len(self.class_names)
        check_classes(self.source, self.class_names)
        check_labels(self.source, "train", self.train_labels, classes)
        check_labels(self.source, "test", self.test_labels, classes)
        check_all_present(self.source, self.train_labels, self.class_names)


def read_npz(path: str | Path) -> Arrays:
    """The arrays of an .npz file; DataError, naming it, if it holds no data set."""
    path = Path(path)
    found = read_arrays(path, DataError, (*_KEYS, "class_names"))
    missing = [key for key in _KEYS if key not in found]
    if missing:
        raise DataError(
            f"{path} has no {', '.join(missing)}; it must hold {', '.join(_KEYS)}"
        )
    train_labels = _labels(path, found, "train")
    return Arrays(
        source=str(path),
        train_images=_images(path, found, "train"),
        train_labels=train_labels,
        test_images=_images(path, found, "test"),
        test_labels=_labels(path, found, "test"),
        class_names=_class_names(path, found, train_labels),
    )


def data_set(
    name: str,
    arrays: Arrays,
    *,
    normalisation: Normalisation | None = None,
    augmentation: Augmentation | None = None,
    resolution: int | None = None,
) -> DataSet:
    """A data set held in memory.

    The normalisation is measured on the training images unless given. So little is
    known of new images that the default augmentation only shifts them by an eighth.
    """
    height, in_channels = arrays.train_images.shape[1], arrays.train_images.shape[3]
    images = torch.from_numpy(arrays.train_images)
    normalisation = normalisation or measured(images)
    train = TensorSplit(
        images=images,
        labels=arrays.train_labels,
        normalisation=normalisation,
        resolution=resolution or height,
    )
    test = TensorSplit(
        images=torch.from_numpy(arrays.test_images),
        labels=arrays.test_labels,
        normalisation=normalisation,
        resolution=resolution or height,
    )
    return DataSet(
        name=name,
        train=train,
        test=test,
        class_names=arrays.class_names,
        resolution=resolution or height,
        in_channels=in_channels,
        default_augmentation=augmentation or Augmentation(crop_padding=height // 8),
    )


def _class_names(
    path: Path, found: dict[str, Array], train_labels: Labels
) -> tuple[str, ...]:
    """The names that the file gives, else the class numbers."""
    if "class_names" in found:
        names = found["class_names"]
        if names.ndim != 1 or names.size not in SOME_CLASSES:
            raise DataError(
                f"{path}: class_names has shape {names.shape}; save one name per class"
            )
        return tuple(str(name) for name in names)
    return numbered_names(str(path), train_labels)


def _images(path: Path, found: dict[str, Array], part: str) -> npt.NDArray[np.uint8]:
    images = found[f"{part}_images"]
    if images.ndim == 3:
        images = images[..., None]
    _, height, width, channels = images.shape if images.ndim == 4 else (0, 0, 0, 0)
    is_square = height == width and height in RESOLUTION
    if images.dtype != np.uint8 or not is_square or channels not in (1, 3):
        raise DataError(
            f"{path}: {part}_images are {images.dtype} {images.shape}; save square "
            "images as uint8 (images, height, width, 1 or 3)"
        )
    if len(images) != len(found[f"{part}_labels"]) or len(images) == 0:
        raise DataError(
            f"{path}: {len(images)} {part}_images have "
            f"{len(found[f'{part}_labels'])} labels; save one for each image"
        )
    return np.ascontiguousarray(images, dtype=np.uint8)


def _labels(path: Path, found: dict[str, Array], part: str) -> Labels:
    labels = found[f"{part}_labels"]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.size == 0 or labels.dtype.kind not in "iu":
        raise DataError(
            f"{path}: {part}_labels are {labels.dtype} {labels.shape}; save one class "
            "number for each image, as integers (images,)"
        )
    if int(labels.max()) >= 2**31:  # before int64 makes it a negative one
        raise DataError(
            f"{path}: label {labels.max()} in {part}; number the classes from 0 without "
            "gaps"
        )
    return labels.astype(np.int64)
