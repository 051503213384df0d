"""Where the encoded images of a data set come from, and the data set of them."""

from dataclasses import dataclass
from typing import Literal, Protocol

from rexpand.data.classes import check_all_present, check_classes
from rexpand.data.dataset import DataSet
from rexpand.data.streams import StreamSplit, without_corrupt
from rexpand.recipe import Augmentation

OnCorrupt = Literal["fail", "skip"]
RESOLUTION = 224  # pixels, where nothing says another
# Photographs may be mirrored; the crop is the stream's own
AUGMENTATION = Augmentation(flip=True)


@dataclass(frozen=True, kw_only=True)
class LabelledPart:
    """The images of one split, and the names of the classes that label them.

    `no_files` are the paths that have the name of an image and are no file.
    """

    split: StreamSplit
    class_names: tuple[str, ...]
    no_files: tuple[str, ...] = ()


class Origin(Protocol):
    """A place with encoded images in a training and a test part.

    Every method raises DataError for a part that is not there, has no image, or is
    labelled by other classes.
    """

    @property
    def name(self) -> str:
        """The name of the data set."""

    @property
    def has_training(self) -> bool:
        """Whether there is a training part; where there is none, tests may be alone."""

    def training(self) -> LabelledPart:
        """The training images."""

    def tests(self, class_names: tuple[str, ...] | None) -> LabelledPart:
        """The test images, labelled by these classes; by their own without."""


def data_set_from(origin: Origin, *, resolution: int, on_corrupt: OnCorrupt) -> DataSet:
    """The data set; its images are listed, and none of them is decoded now.

    With `on_corrupt` "skip" they are all decoded once, to leave out the corrupt ones
    before anything is counted on: splits and labels do not change later. Raises
    DataError if there are not two classes, each with training images.
    """
    training = origin.training()
    names = training.class_names
    check_classes(origin.name, names)
    tests = origin.tests(names)
    train, test = training.split, tests.split
    skipped: tuple[str, ...] = ()
    if on_corrupt == "skip":
        train, no_train = without_corrupt(train)
        test, no_test = without_corrupt(test)
        skipped = no_train + no_test
    check_all_present(origin.name, train.labels, names)
    return DataSet(
        name=origin.name,
        train=train.sized(resolution),
        test=test.sized(resolution),
        class_names=names,
        resolution=resolution,
        in_channels=3,
        default_augmentation=AUGMENTATION,
        skipped=skipped,
        no_files=training.no_files + tests.no_files,
    )
