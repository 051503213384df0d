"""A rectangle of noise, where and as large as the recipe says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from rexpand.data.erasing import (
    draw_noise,
    draw_rectangles,
    erase_at_once,
    erase_each,
)
from rexpand.data.normalisation import Normalisation
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError
from rexpand.recipe import Augmentation, RandAugment, RandomErasing

CPU = torch.device("cpu")
SIDE = 32


def grey(count: int) -> TensorSplit:
    """Images that are 0 after normalisation."""
    return TensorSplit(
        images=torch.full((count, SIDE, SIDE, 3), 128, dtype=torch.uint8),
        labels=np.zeros(count, dtype=np.int64),
        normalisation=Normalisation(mean=(128 / 255,) * 3, std=(1.0,) * 3),
        resolution=SIDE,
    )


def augmented(augmentation: Augmentation, batch_size: int, seed: int = 0) -> Tensor:
    batches = grey(400).batches(
        batch_size=batch_size, device=CPU, seed=seed, augmentation=augmentation
    )
    return torch.cat([images for images, _ in batches])


def test_a_share_of_the_images_gets_a_rectangle_of_noise() -> None:
    images = augmented(Augmentation(erasing=RandomErasing(probability=0.5)), 400)

    is_noise = (images.abs() > 1e-5).any(1)
    is_erased = is_noise.flatten(1).any(1)

    # Half of 400 images, within five standard deviations of fair coins.
    assert abs(int(is_erased.sum()) - 200) < 50
    for mask in is_noise[is_erased]:
        rows, columns = mask.any(1), mask.any(0)
        area = int(rows.sum()) * int(columns.sum())
        # A rectangle: all pixels of its rows and columns, 2 to 33 % of the image but
        # for the rounding of its sides.
        assert int(mask.sum()) == area
        assert 0.012 < area / SIDE**2 < 0.37
    # Each pixel of each channel is its own normal number.
    noise = images.permute(0, 2, 3, 1)[is_noise]
    assert noise.mean() == pytest.approx(0, abs=0.02)
    assert noise.std() == pytest.approx(1, abs=0.02)
    assert (noise[:, 0] != noise[:, 1]).float().mean() > 0.99


def test_rectangles_lie_inside_of_the_image() -> None:
    drawn = draw_rectangles(
        RandomErasing(probability=1.0),
        count=5000,
        resolution=SIDE,
        generator=torch.Generator().manual_seed(0),
    )

    top, left, height, width, _ = drawn.T
    assert (drawn >= 0).all()
    assert (top + height).max() == SIDE
    assert (left + width).max() == SIDE
    # One in five thousand may find no rectangle that fits in ten attempts.
    assert (height == 0).sum() <= 5


@pytest.mark.parametrize(
    "augmentation",
    [
        Augmentation(erasing=RandomErasing(probability=0.5)),
        Augmentation(rand_augment=RandAugment(), flip=True),
    ],
    ids=["erasing", "rand_augment"],
)
def test_what_an_image_gets_does_not_depend_on_its_batch(
    augmentation: Augmentation,
) -> None:
    assert torch.equal(augmented(augmentation, 400), augmented(augmentation, 7))


def test_seeds_differ() -> None:
    erasing = Augmentation(erasing=RandomErasing())

    assert not torch.equal(augmented(erasing, 64), augmented(erasing, 64, seed=1))


def test_augmentations_that_are_left_out_draw_nothing() -> None:
    # What was trained before there was RandAugment is trained to the same bits.
    plain = Augmentation(crop_padding=2, flip=True, cutout=4)
    never = replace(plain, erasing=RandomErasing(probability=0.0))

    assert torch.equal(augmented(plain, 64), augmented(never, 64))


def test_a_least_area_above_the_most_is_refused() -> None:
    with pytest.raises(DataError, match="of an image is above most"):
        RandomErasing(least=0.5, most=0.1)


def test_image_by_image_and_at_once_the_same_noise_is_put() -> None:
    values, generator = RandomErasing(probability=0.7), torch.Generator().manual_seed(0)
    rectangles = draw_rectangles(values, count=30, resolution=SIDE, generator=generator)
    noise = draw_noise(values, SIDE * SIDE * 3, generator)
    each, at_once = torch.zeros(2, 30, SIDE, SIDE, 3)

    erase_each(each, rectangles, noise)
    erase_at_once(at_once, rectangles, noise)

    assert torch.equal(each, at_once)
    assert each.count_nonzero()
