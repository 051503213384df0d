from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from rexpand.data.load import load
from rexpand.data.normalisation import IMAGENET, measured
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError


def random_images() -> torch.Tensor:
    generator = np.random.default_rng(0)
    return torch.from_numpy(generator.integers(256, size=(20, 5, 7, 3), dtype=np.uint8))


def test_normalising_is_the_formula() -> None:
    images = random_images()

    normalised = IMAGENET.apply(images)

    # (x / 255 - mean) / std, channel by channel.
    mean, std = torch.tensor(IMAGENET.mean), torch.tensor(IMAGENET.std)
    torch.testing.assert_close(normalised, (images / 255 - mean) / std)


def test_measured_is_what_numpy_measures() -> None:
    images = random_images()

    found = measured(images)

    # Derived twice: integer sums, and numpy in floating point.
    scaled = images.numpy().astype(np.float64) / 255
    assert found.mean == pytest.approx(scaled.mean((0, 1, 2)), rel=1e-12)
    assert found.std == pytest.approx(scaled.std((0, 1, 2)), rel=1e-10)


def test_images_of_one_value_are_refused() -> None:
    # Their deviation is 0, and one cannot divide by it.
    with pytest.raises(DataError, match="channel 0 has one value"):
        measured(torch.full((3, 4, 4, 1), 9, dtype=torch.uint8))


def test_a_normalisation_of_other_channels_is_refused() -> None:
    # Grey images cannot be shifted by three means.
    with pytest.raises(DataError, match="images of 1 channels do not fit"):
        TensorSplit(
            images=torch.zeros(2, 4, 4, 1, dtype=torch.uint8),
            labels=np.array([0, 1]),
            normalisation=IMAGENET,
            resolution=4,
        )


def test_cifar100_has_the_published_mean_and_deviation(
    real_data: Callable[[str], Path],
) -> None:
    data = load("cifar100", root=real_data("cifar100.npz"))
    assert isinstance(data.train, TensorSplit)

    found = measured(data.train.images)

    # weiaicunzai/pytorch-cifar100, conf/global_settings.py, to all its digits.
    assert found.mean == pytest.approx((0.50707516, 0.48654887, 0.44091784), abs=5e-9)
    assert found.std == pytest.approx((0.26733429, 0.25643846, 0.27615047), abs=6e-9)
    used = data.train.normalisation
    assert used.mean == (0.50707516, 0.48654887, 0.44091784)
    assert used.std == (0.26733429, 0.25643846, 0.27615047)
