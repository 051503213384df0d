import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rexpand.data.check import check
from rexpand.errors import DataError


def test_a_check_counts_and_compares_the_images(image_folder: Path) -> None:
    train, test = image_folder / "train", image_folder / "test"
    shutil.copy(train / "cat" / "0.jpg", train / "cat" / "copy.jpg")
    shutil.copy(train / "cat" / "1.jpg", test / "dog" / "copy.jpg")
    shutil.copy(test / "cat" / "0.jpg", test / "cat" / "copy.jpg")

    report = check("pets", image_folder.parent)
    [within_train] = report.duplicates_within_train
    [within_test] = report.duplicates_within_test
    [across] = report.duplicates_across

    # Each copy is named with its first, and whether their classes agree.
    assert (report.train_images, report.test_images, report.classes) == (11, 6, 2)
    assert within_train.image == str(train / "cat" / "copy.jpg")
    assert within_train.first == str(train / "cat" / "0.jpg")
    assert within_train.is_same_class
    assert within_test.image == str(test / "cat" / "copy.jpg")
    assert across.first == str(train / "cat" / "1.jpg")
    assert not across.is_same_class


def test_a_check_names_corrupt_files(image_folder: Path) -> None:
    broken = image_folder / "test" / "dog" / "1.jpg"
    broken.write_bytes(broken.read_bytes()[:300])

    report = check(str(image_folder))

    # A check goes on where training would stop.
    assert report.corrupt == (str(broken),)
    assert report.test_images == 4


def test_a_data_set_of_corrupt_files_cannot_be_checked(image_folder: Path) -> None:
    for file in (image_folder / "train").rglob("*.jpg"):
        file.write_bytes(b"")

    # There is no mean of no pixels.
    with pytest.raises(DataError, match="all 10 training images of"):
        check(str(image_folder))


def test_a_check_measures_the_training_images(save_npz: Callable[..., Path]) -> None:
    path = save_npz()

    report = check(str(path))

    # Derived twice: integer sums, and numpy in floating point.
    images = np.load(path)["train_images"] / 255
    assert report.mean == pytest.approx(images.mean((0, 1, 2)))
    assert report.std == pytest.approx(images.std((0, 1, 2)))


def test_the_known_duplicate_among_the_flowers_is_found(
    real_data: Callable[[str], Path],
) -> None:
    report = check("flowers12", real_data("flowers12"))
    [duplicate] = report.duplicates_within_train

    # Known of this sample: two files of one photograph of an iris.
    assert duplicate.first.endswith("iris/image_0422.jpg")
    assert duplicate.image.endswith("iris/image_0469.jpg")
    assert (report.corrupt, report.duplicates_across) == ((), ())
