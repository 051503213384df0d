"""Flip and RandAugment on a CPU: image by image where that is faster, as drawn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from rexpand.data.epoch import Epoch, plan_epoch
from rexpand.data.load import load
from rexpand.data.normalisation import Normalisation
from rexpand.data.rand_augment import rand_augmented
from rexpand.data.rand_augment_image import rand_augmented_each
from rexpand.data.reading import Crops, Wanted
from rexpand.data.streams import StreamSplit
from rexpand.data.tensors import TensorSplit
from rexpand.recipe import Augmentation, RandAugment

CPU = torch.device("cpu")
SIDE, SEED = 32, 5
AUGMENTATION = Augmentation(
    flip=True, rand_augment=RandAugment(operations=1, probability=1)
)
# A byte of the mean colour is 0, and a byte more is 1 more.
BYTES = Normalisation(mean=(100 / 255,) * 3, std=(1 / 255,) * 3)


def planned(count: int, side: int, augmentation: Augmentation = AUGMENTATION) -> Epoch:
    return plan_epoch(
        count, seed=SEED, augmentation=augmentation, resolution=side, channels=3
    )


def unchanged(split: StreamSplit, order: list[int]) -> Tensor:
    """The bytes of the random crops of an epoch."""
    crops = Crops(
        resolution=SIDE, crop=1, interpolation="bilinear", channels=3, seed=SEED
    )
    wanted = [
        Wanted(image=split.images[number], number=number, place=place)
        for place, number in enumerate(order)
    ]
    [batch] = crops.batches([wanted], 2, CPU)
    return batch.images


def test_files_are_changed_while_they_are_read_as_batches_would_be(
    image_folder: Path,
) -> None:
    split = load(str(image_folder)).train
    assert isinstance(split, StreamSplit)
    split = replace(split.sized(SIDE), normalisation=BYTES)
    epoch = planned(len(split), SIDE)
    crops = unchanged(split, epoch.order.tolist())

    [(found, _)] = split.batches(
        batch_size=len(split), device=CPU, seed=SEED, augmentation=AUGMENTATION
    )

    expected = epoch.pixels(crops, slice(0, len(split)), BYTES)
    # A byte of rounding, and the border of a movement, which Pillow fills in whole
    # pixels. Without the changes four of five bytes would be far.
    is_far = (found - expected).abs().amax(1) > 2.5
    assert is_far.float().mean(dim=(1, 2)).amax() < 3 / SIDE


@pytest.mark.parametrize(("side", "by"), [(32, "batches"), (64, "images")])
def test_large_arrays_are_changed_image_by_image(side: int, by: str) -> None:
    count = 8
    generator = np.random.default_rng(0)
    drawn = generator.integers(256, size=(count, side, side, 3), dtype="uint8")
    split = TensorSplit(
        images=torch.from_numpy(drawn),
        labels=np.arange(count),
        normalisation=BYTES,
        resolution=side,
    )
    augmentation = replace(AUGMENTATION, flip=False)
    epoch = planned(count, side, augmentation)
    assert epoch.draws

    [(found, _)] = split.batches(
        batch_size=count, device=CPU, seed=SEED, augmentation=augmentation
    )

    chosen, signed = epoch.draws.operations, epoch.draws.magnitudes
    images = split.images[epoch.order]
    # Small ones stay in batches: published trainings have their bits.
    expected = (
        rand_augmented(images, chosen, signed, torch.tensor([100.0] * 3))
        if by == "batches"
        else rand_augmented_each(images, chosen, signed, (100,) * 3)
    )
    assert torch.equal(found.permute(0, 2, 3, 1), BYTES.apply(expected))
