"""A part of an epoch is bit for bit what an uninterrupted pass in one process has."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rexpand.data.load import load
from rexpand.data.normalisation import Normalisation
from rexpand.data.part import WHOLE, Part
from rexpand.data.split import Split
from rexpand.data.streams import StreamSplit
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError
from rexpand.recipe import Augmentation, RandAugment, RandomErasing

Batches = list[tuple[Tensor, Tensor]]

EVERYTHING = Augmentation(
    crop_padding=1,
    flip=True,
    cutout=2,
    rand_augment=RandAugment(),
    erasing=RandomErasing(probability=0.5),
)


def tensors(count: int = 22) -> TensorSplit:
    """Random images of 8x8, resized to 12, so that all of a batch's work is done."""
    drawn = np.random.default_rng(0).integers(256, size=(count, 8, 8, 3), dtype="uint8")
    return TensorSplit(
        images=torch.from_numpy(drawn),
        labels=np.arange(count),
        normalisation=Normalisation(mean=(0.5,) * 3, std=(0.2,) * 3),
        resolution=12,
    )


def files(folder: Path) -> StreamSplit:
    split = load(str(folder), resolution=8).train
    assert isinstance(split, StreamSplit)
    return replace(split, threads=1)


def taken(
    split: Split, part: Part = WHOLE, *, batch_size: int = 5, augmented: bool = True
) -> Batches:
    augmentation = EVERYTHING if augmented else None
    if augmentation and isinstance(split, StreamSplit):
        augmentation = replace(augmentation, crop_padding=0)
    return list(
        split.batches(
            batch_size=batch_size,
            device=torch.device("cpu"),
            seed=3,
            augmentation=augmentation,
            part=part,
        )
    )


def together(parts: list[Batches]) -> Batches:
    """The slices of all processes, put one after the other; some have no last one."""
    longest = max(map(len, parts))
    slices = [[each[n] for each in parts if n < len(each)] for n in range(longest)]
    return [
        (torch.cat(images), torch.cat(labels)) for images, labels in unzipped(slices)
    ]


def unzipped(slices: list[Batches]) -> list[tuple[list[Tensor], list[Tensor]]]:
    return [([i for i, _ in each], [label for _, label in each]) for each in slices]


def assert_same_bits(first: Batches, second: Batches) -> None:
    assert len(first) == len(second)
    for (images, labels), (same_images, same_labels) in zip(first, second, strict=True):
        assert torch.equal(images, same_images)
        assert torch.equal(labels, same_labels)


@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize("processes", [2, 3])
def test_the_slices_of_all_processes_are_the_batches_of_one(
    processes: int, augmented: bool
) -> None:
    split = tensors()

    parts = [
        taken(split, Part(process=each, processes=processes), augmented=augmented)
        for each in range(processes)
    ]

    # 22 images in batches of 5: no number of processes here divides 5 or the last 2.
    assert_same_bits(together(parts), taken(split, augmented=augmented))


def test_files_are_parted_as_tensors_are(image_folder: Path) -> None:
    split = files(image_folder)

    parts = [taken(split, Part(process=each, processes=2)) for each in (0, 1)]

    assert_same_bits(together(parts), taken(split))


@pytest.mark.parametrize("first", [0, 1, 4, 5])
def test_an_epoch_goes_on_at_any_batch(first: int) -> None:
    split = tensors()

    rest = taken(split, Part(first_batch=first))

    # Draws are made for a whole epoch, whatever of it is used; 5 is its end.
    assert_same_bits(rest, taken(split)[first:])


def test_files_go_on_at_any_batch(image_folder: Path) -> None:
    split = files(image_folder)

    rest = taken(split, Part(first_batch=1))

    assert_same_bits(rest, taken(split)[1:])


def test_a_process_goes_on_at_any_batch() -> None:
    split = tensors()
    own = Part(process=1, processes=2)

    rest = taken(split, replace(own, first_batch=2))

    # Both at once: a slice of the rest is the rest of the slices.
    assert_same_bits(rest, taken(split, own)[2:])


@settings(max_examples=100, deadline=None)
@given(images=st.integers(1, 100), processes=st.integers(1, 20))
def test_slices_differ_by_one_image_at_most(images: int, processes: int) -> None:
    batch = slice(7, 7 + images)

    parts = [
        Part(process=each, processes=processes).of([batch]) for each in range(processes)
    ]

    # A process that would have no image has no batch: only where there are too few.
    sizes = [sum(each.stop - each.start for each in part) for part in parts]
    assert sum(sizes) == images
    assert max(sizes) - min(sizes) <= 1
    assert (min(sizes) >= 1) == (images >= processes)


def test_processes_without_an_image_of_the_last_batch_go_without_it() -> None:
    split = tensors()

    parts = [taken(split, Part(process=each, processes=3)) for each in range(3)]

    # 4 batches of 5 for each; the last 2 images are for two of three.
    assert sorted(map(len, parts)) == [4, 5, 5]


@pytest.mark.parametrize("process", [-1, 2])
def test_a_process_is_one_of_the_processes(process: int) -> None:
    with pytest.raises(DataError, match="is none of 2; they count from 0"):
        Part(process=process, processes=2)


def test_an_epoch_begins_at_no_batch_before_its_first() -> None:
    # A negative place would count from the end.
    with pytest.raises(DataError, match="first_batch -1 is below 0"):
        Part(first_batch=-1)
