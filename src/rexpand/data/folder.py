"""Image folders: FOLDER/train/CLASS/*.jpg and the same under test/, else under val/.

JPEG and PNG count, at any depth below the class. Where test/ and val/ are both there,
test/ is the test split and val/ is left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rexpand.data.classes import check_classes
from rexpand.data.files import Listing, folders_in, is_folder, list_images
from rexpand.data.images import ImageFiles
from rexpand.data.origin import RESOLUTION, LabelledPart
from rexpand.data.streams import StreamSplit
from rexpand.errors import DataError
from rexpand.ranges import CLASS_NAME


@dataclass(frozen=True, kw_only=True)
class ImageFolder:
    """A data set that is a folder with one folder of images for each class."""

    name: str
    folder: Path

    @property
    def has_training(self) -> bool:
        return is_folder(self.folder / "train")

    def training(self) -> LabelledPart:
        folder = self.folder / "train"
        if not (self.has_training and folders_in(folder)):
            _check_no_annotations(self.folder)
        names = _class_folders(folder)
        check_classes(f"'{folder}'", names)
        part = _part(folder, names)
        for label in np.setdiff1d(np.arange(len(names)), part.split.labels):
            raise DataError(
                f"'{folder / names[label]}' holds no image (JPEG or PNG) to train on; "
                "fill or remove the folder"
            )
        return part

    def tests(self, class_names: tuple[str, ...] | None) -> LabelledPart:
        has_test = is_folder(self.folder / "test")
        folder = self.folder / ("test" if has_test else "val")
        found = _class_folders(folder)
        unknown = sorted(set(found) - set(class_names or found))
        if unknown:
            raise DataError(
                f"'{folder / unknown[0]}' is a class that train/ does not have; "
                "rename or remove it"
            )
        return _part(folder, class_names or found)


def _check_no_annotations(folder: Path) -> None:
    """Raise DataError for the images of a detector."""
    from rexpand.data.detection import is_detection  # which reads image files too

    if is_detection(str(folder)):
        raise DataError(
            f"'{folder}' has annotated objects, which detectors learn from; give a folder "
            "with train/CLASS/IMAGE.jpg, or train a detector (`rexpand detect train`, `rexpand search run --detector`)"
        )


def _part(folder: Path, class_names: tuple[str, ...]) -> LabelledPart:
    """The images of FOLDER/CLASS/*, labelled by the place of CLASS in `class_names`."""
    by_class = [_of_class(folder / class_name) for class_name in class_names]
    files = tuple(file for listing in by_class for file in listing.images)
    if not files:
        raise DataError(f"'{folder}' holds no image (JPEG or PNG) in its class folders")
    counts = [len(listing.images) for listing in by_class]
    labels = np.repeat(np.arange(len(class_names), dtype=np.int64), counts)
    return LabelledPart(
        split=StreamSplit(
            images=ImageFiles(files=files), labels=labels, resolution=RESOLUTION
        ),
        class_names=class_names,
        no_files=tuple(file for listing in by_class for file in listing.no_files),
    )


def _of_class(folder: Path) -> Listing:
    """The images of a class; none where a split lacks its folder."""
    if not is_folder(folder):
        return Listing(images=(), no_files=())
    return list_images(folder)


def _class_folders(folder: Path) -> tuple[str, ...]:
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
