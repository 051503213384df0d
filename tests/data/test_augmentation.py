import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rexpand.data.normalisation import Normalisation
from rexpand.data.tensors import TensorSplit
from rexpand.errors import DataError
from rexpand.recipe import Augmentation

CPU = torch.device("cpu")
SIDE = 9


def random_split(count: int = 12) -> TensorSplit:
    """Images of SIDE pixels without a byte of the mean colour, which is 0."""
    generator = np.random.default_rng(7)
    images = generator.integers(1, 256, size=(count, SIDE, SIDE, 3), dtype=np.uint8)
    return TensorSplit(
        images=torch.from_numpy(images),
        labels=np.arange(count),
        normalisation=Normalisation(mean=(0.0, 0.0, 0.0), std=(1.0, 0.5, 0.25)),
        resolution=SIDE,
    )


def plain_and_augmented(augmentation: Augmentation, seed: int) -> tuple[Tensor, Tensor]:
    """The images as they are, and the augmented image of each."""
    split = random_split()
    [(plain, _)] = split.batches(
        batch_size=len(split), device=CPU, seed=None, augmentation=None
    )
    [(augmented, labels)] = split.batches(
        batch_size=len(split), device=CPU, seed=seed, augmentation=augmentation
    )
    return plain[labels], augmented


@settings(max_examples=15, deadline=None)
@given(padding=st.integers(1, 12), seed=st.integers(0, 2**31))
def test_a_crop_is_a_shift_of_the_image_padded_with_the_mean(
    padding: int, seed: int
) -> None:
    plain, cropped = plain_and_augmented(Augmentation(crop_padding=padding), seed)

    padded = torch.nn.functional.pad(plain, (padding,) * 4)
    windows = padded.unfold(2, SIDE, 1).unfold(3, SIDE, 1)

    # Each crop is one of the (2 * padding + 1) ** 2 windows of its padded image.
    is_equal = (windows == cropped[:, :, None, None]).all(-1).all(-1).all(1)
    assert is_equal.flatten(1).any(1).all()


def test_every_shift_of_a_crop_occurs() -> None:
    split = random_split(1)
    first = split.subset([0] * 400)

    [(cropped, _)] = first.batches(
        batch_size=400, device=CPU, seed=0, augmentation=Augmentation(crop_padding=1)
    )

    # Padding 1 leaves 3 x 3 places for the crop.
    assert len(torch.unique(cropped, dim=0)) == 9


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_flip_mirrors_left_and_right_or_does_nothing(seed: int) -> None:
    plain, flipped = plain_and_augmented(Augmentation(flip=True), seed)

    is_same = (flipped == plain).flatten(1).all(1)
    is_mirrored = (flipped == plain.flip(3)).flatten(1).all(1)

    # Random images are not symmetric, so exactly one of the two holds.
    assert (is_same ^ is_mirrored).all()


def test_half_of_the_images_are_flipped() -> None:
    split = random_split(1).subset([0] * 2000)

    [(flipped, _)] = split.batches(
        batch_size=2000, device=CPU, seed=0, augmentation=Augmentation(flip=True)
    )
    images, counts = torch.unique(flipped, dim=0, return_counts=True)

    # Five standard deviations of 2000 fair coins are 112.
    assert len(images) == 2
    assert abs(counts[0].item() - 1000) < 112


@settings(max_examples=15, deadline=None)
@given(side=st.integers(1, 20), seed=st.integers(0, 2**31))
def test_cutout_erases_one_square_clipped_at_the_border(side: int, seed: int) -> None:
    plain, erased = plain_and_augmented(Augmentation(cutout=side), seed)

    is_erased = (erased == 0).all(1)
    rows, columns = is_erased.any(2), is_erased.any(1)

    # Outside of the hole nothing changes; the hole is rows times columns.
    assert torch.equal(erased, plain.masked_fill(is_erased[:, None], 0))
    assert torch.equal(is_erased, rows[:, :, None] & columns[:, None])
    for span in (*rows, *columns):
        places = span.nonzero().flatten().tolist()
        # It is an unbroken span around a pixel inside, cut only by a border.
        assert places == list(range(places[0], places[-1] + 1))
        is_clipped = places[0] == 0 or places[-1] == SIDE - 1
        assert len(places) == side or (is_clipped and len(places) <= side)


def test_all_three_together_keep_shape_and_layout() -> None:
    augmentation = Augmentation(crop_padding=2, flip=True, cutout=3)

    _, augmented = plain_and_augmented(augmentation, seed=1)

    # Batches are (batch, channels, height, width) in channels_last memory.
    assert augmented.shape == (12, 3, SIDE, SIDE)
    assert augmented.dtype == torch.float32
    assert augmented.is_contiguous(memory_format=torch.channels_last)


def test_a_negative_size_is_refused() -> None:
    # The message quotes the value.
    with pytest.raises(DataError, match="cutout is -1; give 0 to"):
        Augmentation(cutout=-1)


def test_augmentation_without_a_seed_is_refused_before_the_first_batch() -> None:
    # Augmentation that nobody could repeat is no augmentation of ours.
    with pytest.raises(DataError, match="give batches a seed"):
        random_split().batches(
            batch_size=4, device=CPU, seed=None, augmentation=Augmentation(flip=True)
        )
