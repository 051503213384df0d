from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.data.normalisation import Normalisation
from rexpand.data.split import hold_out, stratified_subset
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError
from rexpand.recipe import Augmentation

CPU = torch.device("cpu")
GREY = Normalisation(mean=(0.0,), std=(1 / 255,))
EVERYTHING = Augmentation(crop_padding=1, flip=True, cutout=2)


def numbered(labels: list[int]) -> TensorSplit:
    """4x4 grey images; the pixels of image i are i."""
    count = len(labels)
    images = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1)
    return TensorSplit(
        images=images.expand(count, 4, 4, 1).contiguous(),
        labels=np.array(labels),
        normalisation=GREY,
        resolution=4,
    )


def numbers(split: TensorSplit, seed: int | None = None) -> list[int]:
    batches = split.batches(batch_size=3, device=CPU, seed=seed, augmentation=None)
    return [int(n.round()) for images, _ in batches for n in images[:, 0, 0, 0]]


@settings(max_examples=20, deadline=None)
@given(
    count=st.integers(1, 40), batch_size=st.integers(1, 50), seed=st.integers(0, 2**31)
)
def test_an_epoch_has_each_image_once_with_its_label(
    count: int, batch_size: int, seed: int
) -> None:
    split = numbered(list(range(count)))

    batches = list(
        split.batches(batch_size=batch_size, device=CPU, seed=seed, augmentation=None)
    )

    # All batches are full but the last, and image i still has label i.
    assert [len(labels) for _, labels in batches[:-1]] == [batch_size] * (
        len(batches) - 1
    )
    seen = torch.cat([labels for _, labels in batches])
    assert sorted(seen.tolist()) == list(range(count))
    pixels = torch.cat([images[:, 0, 0, 0] for images, _ in batches])
    assert torch.equal(pixels.round().long(), seen)


def test_images_come_in_order_without_a_seed() -> None:
    # Evaluation is not shuffled.
    assert numbers(numbered([0, 1] * 5)) == list(range(10))


def test_the_same_seed_gives_the_same_bits() -> None:
    split = numbered([0, 1] * 10)

    first, second = (
        list(split.batches(batch_size=6, device=CPU, seed=3, augmentation=EVERYTHING))
        for _ in range(2)
    )

    # Order and augmentation depend on the seed and on nothing else.
    for (images, labels), (same_images, same_labels) in zip(first, second, strict=True):
        assert torch.equal(images, same_images)
        assert torch.equal(labels, same_labels)


def test_batches_leave_the_global_generator_alone() -> None:
    state = torch.get_rng_state()

    list(
        numbered([0, 1]).batches(
            batch_size=2, device=CPU, seed=3, augmentation=EVERYTHING
        )
    )

    # A resumed run would draw other dropout masks otherwise.
    assert torch.equal(torch.get_rng_state(), state)


def test_another_seed_gives_another_order() -> None:
    split = numbered([0, 1] * 20)

    # Two of 40! orders are the same by no accident.
    assert numbers(split, seed=0) != numbers(split, seed=1)


def test_drop_last_leaves_out_the_batch_that_is_not_full() -> None:
    batches = numbered([0, 1] * 5).batches(
        batch_size=4, device=CPU, seed=0, augmentation=None, drop_last=True
    )

    # 10 images are two batches of 4.
    assert [len(labels) for _, labels in batches] == [4, 4]


def test_a_batch_larger_than_the_split_cannot_be_dropped() -> None:
    # An epoch without a batch would train nothing and say nothing.
    with pytest.raises(DataError, match="batch_size 4 is more than the 2 images"):
        numbered([0, 1]).batches(
            batch_size=4, device=CPU, seed=0, augmentation=None, drop_last=True
        )


def test_batches_are_resized_to_another_resolution() -> None:
    split = numbered([0, 1])
    larger = TensorSplit(
        images=split.images, labels=split.labels, normalisation=GREY, resolution=6
    )

    [(images, _)] = larger.batches(
        batch_size=2, device=CPU, seed=None, augmentation=None
    )

    # A constant image stays constant.
    assert images.shape == (2, 1, 6, 6)
    assert torch.allclose(images[1], torch.ones(1, 6, 6))


def test_a_subset_of_a_subset_picks_among_the_picked() -> None:
    split = numbered([0, 1] * 5).subset([9, 7, 5]).subset([2, 0])

    # Indices count within the subset, and labels go along.
    assert numbers(split) == [5, 9]
    assert split.labels.tolist() == [1, 1]


@pytest.mark.parametrize("indices", [[], [10], [-1], [True, False]])
def test_indices_that_pick_no_image_are_refused(indices: list[int]) -> None:
    # A mask is not a list of indices, and none counts from the end.
    with pytest.raises(DataError, match=r"pick no images|is outside"):
        numbered([0, 1] * 5).subset(indices)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), labels=st.lists(st.integers(0, 4), min_size=2, max_size=60))
def test_a_stratified_subset_gives_each_class_its_share(
    data: st.DataObject, labels: list[int]
) -> None:
    count = data.draw(st.integers(1, len(labels)))
    sizes = Counter(labels)

    taken = stratified_subset(numbered(labels), count, seed=0)

    # Largest remainder: within one of the exact share, and `count` in all.
    assert len(taken) == count
    picked = Counter(taken.labels.tolist())
    for label, size in sizes.items():
        assert abs(picked[label] - count * size / len(labels)) < 1


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 29), seed=st.integers(0, 2**31))
def test_holding_out_parts_the_images_in_two(count: int, seed: int) -> None:
    rest, held_out = hold_out(numbered([0, 1, 2] * 10), count, seed)

    # Disjoint, and together everything.
    assert len(held_out) == count
    assert sorted(numbers(rest) + numbers(held_out)) == list(range(30))


def test_another_seed_holds_out_other_images() -> None:
    split = numbered([0, 1] * 20)

    first, second = (numbers(hold_out(split, 10, seed)[1]) for seed in (0, 1))

    # The seed is what distinguishes two hold-outs.
    assert first != second


@pytest.mark.parametrize("count", [0, 11])
def test_a_subset_cannot_have_more_images_than_there_are(count: int) -> None:
    # The message quotes what was asked for.
    with pytest.raises(DataError, match=f"cannot take {count} of 10 images"):
        stratified_subset(numbered([0, 1] * 5), count, seed=0)


def test_holding_out_everything_is_refused() -> None:
    # Something must be left to train on.
    with pytest.raises(DataError, match="holding out all 10 images leaves none"):
        hold_out(numbered([0, 1] * 5), 10, seed=0)
