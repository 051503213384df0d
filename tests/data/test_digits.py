from collections import Counter

import numpy as np
import torch
from sklearn.datasets import load_digits

from rexpand.data.catalogue import describe_all
from rexpand.data.load import load
from rexpand.data.tensors import TensorSplit


def test_digits_have_the_shape_of_the_catalogue() -> None:
    data = load("digits")
    [info] = [info for info in describe_all() if info.name == "digits"]

    # 1,797 grey images of 8x8 in 10 classes, parted 1,437 to 360.
    assert (len(data.train), len(data.test)) == (1437, 360)
    assert info.images == 1437 + 360
    assert data.num_classes == info.classes == 10
    assert data.resolution == info.resolution == 8
    assert data.in_channels == 1


def test_both_splits_of_digits_are_stratified() -> None:
    data = load("digits")

    train, test = (Counter(s.labels.tolist()) for s in (data.train, data.test))

    # Every class gives a fifth of its images to the test, up to one image.
    for label in range(10):
        assert abs(test[label] - (train[label] + test[label]) / 5) < 1


def test_digits_are_those_of_scikit_learn() -> None:
    data = load("digits")
    assert isinstance(data.train, TensorSplit)
    assert isinstance(data.test, TensorSplit)

    images = torch.cat([data.train.images, data.test.images]).flatten(1).numpy()

    # 0..16 became 0..255, and no image was lost or doubled.
    ours = np.rint(images / (255 / 16)).astype(int)
    theirs = load_digits().data.astype(int)
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))


def test_a_batch_of_digits_is_normalised() -> None:
    data = load("digits")

    [(images, labels)] = data.train.batches(
        batch_size=1437, device=torch.device("cpu"), seed=None, augmentation=None
    )

    # Over the training images the mean is 0 and the deviation 1.
    assert images.shape == (1437, 1, 8, 8)
    assert labels.dtype == torch.int64
    assert abs(images.mean().item()) < 1e-5
    assert abs(images.std().item() - 1) < 1e-4
