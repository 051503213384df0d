"""The fingerprint of a data set tells its content, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.data.dataset import DataSet, with_train_subset
from rexpand.data.load import load
from rexpand.data.tensors import TensorSplit


def test_the_same_images_have_the_same_fingerprint(digits: DataSet) -> None:
    assert load("digits").fingerprint == digits.fingerprint


def test_the_fingerprint_of_digits_is_the_one_that_it_always_was(
    digits: DataSet,
) -> None:
    # Records compare across machines and years.
    assert digits.fingerprint == "6a0c2f55dedb829008dbc84bba1538d2"


def changed_pixel(split: TensorSplit) -> TensorSplit:
    images = split.images.clone()
    images[-1, 0, 0, 0] = 255 - images[-1, 0, 0, 0]
    return replace(split, images=images)


def changed_label(split: TensorSplit) -> TensorSplit:
    labels = split.labels.copy()
    labels[0] = (labels[0] + 1) % 10
    return replace(split, labels=labels)


@pytest.mark.parametrize("change", [changed_pixel, changed_label])
@pytest.mark.parametrize("part", ["train", "test"])
def test_one_pixel_or_label_changes_it(digits: DataSet, part: str, change) -> None:
    other = replace(digits, **{part: change(getattr(digits, part))})

    assert other.fingerprint != digits.fingerprint


def test_a_part_of_the_images_is_another_data_set(digits: DataSet) -> None:
    first = with_train_subset(digits, 100, held_out=0, seed=0)
    second = with_train_subset(digits, 100, held_out=0, seed=1)

    assert len({digits.fingerprint, first.fingerprint, second.fingerprint}) == 3


def test_normalisation_and_size_of_batches_are_not_content() -> None:
    assert load("digits", resolution=16).fingerprint == load("digits").fingerprint


def test_image_files_are_told_apart_by_class_name_and_size(image_folder: Path) -> None:
    before = load(str(image_folder), resolution=16).fingerprint

    moved = image_folder.rename(image_folder.with_name("moved"))
    # Where a folder lies is not what it holds.
    assert load(str(moved), resolution=16).fingerprint == before
    file = next((moved / "train/cat").iterdir())
    file.write_bytes(file.read_bytes() + b"\0")
    assert load(str(moved), resolution=16).fingerprint != before
