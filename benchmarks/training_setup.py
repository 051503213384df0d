"""What the loops of the training benchmark train, and on what."""

from dataclasses import dataclass

import numpy as np

from rexpand.data.arrays import Arrays, data_set
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.errors import DataError
from rexpand.recipe import Augmentation, Recipe
from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is trained on what: `images` random ones, 0 for CIFAR-100 if it is there."""

    spec: NetworkSpec
    recipe: Recipe
    images: int

    def data(self) -> DataSet:
        """The data set; its name says whether it is the real one."""
        if not self.images:
            try:
                return load("cifar100")
            except DataError:
                return _random(50_000)
        return _random(self.images)


def _random(count: int) -> DataSet:
    """Noise of CIFAR-100's shape."""
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)
    labels = np.arange(count) % 100
    arrays = Arrays(
        source="noise",
        train_images=images,
        train_labels=labels,
        test_images=images[:100],
        test_labels=labels[:100],
        class_names=tuple(map(str, range(100))),
    )
    augmentation = Augmentation(crop_padding=4, flip=True)
    return data_set("noise of CIFAR-100's shape", arrays, augmentation=augmentation)
