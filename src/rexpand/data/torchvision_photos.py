"""Photographs in the layouts of torchvision, whose own classes list files and labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rexpand.data.classes import check_labels
from rexpand.data.files import is_file, is_folder, is_there
from rexpand.data.folder import ImageFolder
from rexpand.data.images import ImageFiles
from rexpand.data.origin import RESOLUTION, LabelledPart
from rexpand.data.photo_sets import PhotoSet
from rexpand.data.streams import StreamSplit
from rexpand.errors import DataError, printable
from rexpand.records.files import new_folders

_LARGEST = 64 * 2**20  # bytes of metadata; that of the originals has 4 million
_IMAGENET_PARTS = ("train", "val")
_IMAGENET_WAY_OUT = (
    "get ILSVRC2012_img_train.tar, ILSVRC2012_img_val.tar and "
    "ILSVRC2012_devkit_t12.tar.gz from image-net.org, put them there, and run: rexpand "
    "data fetch imagenet"
)


@dataclass(frozen=True, kw_only=True)
class TorchvisionPhotos:
    """A data set that a class of torchvision reads below `root`."""

    photos: PhotoSet
    root: Path
    download: bool = False

    @property
    def name(self) -> str:
        return self.photos.name

    @property
    def has_training(self) -> bool:
        return True

    def training(self) -> LabelledPart:
        return self._part(self.photos.training)

    def tests(self, class_names: tuple[str, ...] | None) -> LabelledPart:
        tests = self._part((self.photos.test,))
        if class_names is not None and tests.class_names != class_names:
            raise DataError(
                f"'{self._folder}': the classes of its test images are not those of its "
                f"training images; {self._way_out()}"
            )
        return tests

    @property
    def _folder(self) -> Path:
        return self.root / self.photos.folder

    def _part(self, splits: Sequence[str]) -> LabelledPart:
        found = [self._read(split) for split in splits]
        listed = [item for each in found for item in _listed(each)]
        files = tuple(file for file, _ in listed)
        names = tuple(str(name) for name in found[0].classes)
        labels = np.array([label for _, label in listed])
        if not files or labels.shape != (len(files),) or labels.dtype.kind not in "iu":
            raise DataError(
                f"'{self._folder}' has {len(files)} images of {', '.join(splits)} with "
                f"labels of the type {labels.dtype}; {self._way_out()}"
            )
        labels = labels.astype(np.int64)
        check_labels(f"'{self._folder}'", splits[0], labels, len(names))
        images = ImageFiles(files=files)
        split = StreamSplit(images=images, labels=labels, resolution=RESOLUTION)
        return LabelledPart(split=split, class_names=names)

    def _read(self, split: str) -> Any:
        """torchvision's data set; DataError for whatever it finds wrong."""
        from torchvision import datasets

        if self.download and self.photos.without_download:
            raise DataError(f"{self.name} cannot be downloaded: {self._way_out()}")
        self._check_metadata()
        try:
            reader = getattr(datasets, self.photos.reader)
            with new_folders(self._folder):
                return reader(self.root, split=split, download=self.download)
        except Exception as error:  # anything, for the metadata of a stranger
            first = (str(error) or type(error).__name__).splitlines()[0]
            reason = printable(first, 200)
            if self.download:
                raise DataError(
                    f"{self.name} could not be downloaded to '{self._folder}' ({reason}); "
                    "check the connection, or copy the folder from another machine"
                ) from error
            raise DataError(self._refusal(reason)) from error

    def _refusal(self, reason: str) -> str:
        if not is_there(self._folder):
            return f"{self.name} is not at '{self._folder}'; {self._way_out()}"
        return (
            f"'{self._folder}' is not as torchvision's {self.photos.reader} reads it "
            f"({reason}); {self._way_out()}"
        )

    def _way_out(self) -> str:
        if self.photos.without_download:
            return (
                f"{self.photos.without_download}; put one at '{self._folder}', or point "
                "REXPAND_DATA at the folder that holds it"
            )
        return (
            f"run: rexpand data fetch {self.name}, or point REXPAND_DATA at "
            "the folder that holds it"
        )

    def _check_metadata(self) -> None:
        """Refuse what has no end or is too long before torchvision reads it."""
        for file in (self._folder / name for name in self.photos.metadata):
            if is_there(file) and not (
                is_file(file) and file.stat().st_size <= _LARGEST
            ):
                raise DataError(
                    f"'{file}' is no regular file, or larger than "
                    f"{_LARGEST // 2**20} MiB; {self._way_out()}"
                )


def _listed(found: Any) -> list[tuple[str, Any]]:
    """Each file with its label: torchvision has no one name for these lists."""
    from torchvision.datasets import StanfordCars

    if isinstance(found, StanfordCars):
        return found._samples
    return [
        (str(file), label)
        for file, label in zip(found._image_files, found._labels, strict=True)
    ]


def imagenet(folder: Path, download: bool) -> ImageFolder:
    """ImageNet as torchvision unpacks it: a folder for each WordNet number.

    Raises DataError if neither the folders nor the archives are there.
    """
    if download and not all(is_folder(folder / part) for part in _IMAGENET_PARTS):
        _unpack_imagenet(folder)
    if not is_there(folder):
        raise DataError(f"imagenet is not at '{folder}'; {_IMAGENET_WAY_OUT}")
    return ImageFolder(name="imagenet", folder=folder)


def _unpack_imagenet(folder: Path) -> None:
    from torchvision.datasets import ImageNet

    try:
        for part in _IMAGENET_PARTS:
            ImageNet(folder, split=part)
    except (RuntimeError, OSError) as error:
        reason = printable(str(error).splitlines()[0], 200)
        raise DataError(
            f"imagenet cannot be downloaded, and '{folder}' does not hold its archives "
            f"({reason}); {_IMAGENET_WAY_OUT}"
        ) from error
