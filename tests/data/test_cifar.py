import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rexpand.data.check import check
from rexpand.data.load import load
from rexpand.errors import DataError
from rexpand.recipe import Augmentation


class Tripwire:
    """A pickle of it creates a file when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_a_forged_pickle_is_refused_and_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test", "meta"):
        (folder / name).write_bytes(pickle.dumps(Tripwire(tmp_path / "sprung")))

    with pytest.raises(DataError, match=r"md5 differs.*rexpand data fetch cifar100"):
        load("cifar100", root=tmp_path)

    # Opening a pickle runs its author's code: the md5 is compared before.
    assert not (tmp_path / "sprung").exists()


def test_a_missing_cifar_names_the_places_and_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        load("cifar10", root=tmp_path)

    # Every place looked at, and the command that fills one.
    message = str(raised.value)
    assert str(tmp_path / "cifar-10-batches-py") in message
    assert str(tmp_path / "cifar10.npz") in message
    assert "rexpand data fetch cifar10" in message


def test_torchvisions_layout_is_read(real_data: Callable[[str], Path]) -> None:
    data = load("cifar100", root=real_data("cifar-100-python"))

    # The names come from the meta file.
    assert (len(data.train), len(data.test)) == (50_000, 10_000)
    assert data.class_names[:2] == ("apple", "aquarium_fish")


def test_cifar100_is_whole(real_data: Callable[[str], Path]) -> None:
    data = load("cifar100", root=real_data("cifar100.npz"))

    # 500 train and 100 test images a class (Krizhevsky 2009).
    assert np.bincount(data.train.labels).tolist() == [500] * 100
    assert np.bincount(data.test.labels).tolist() == [100] * 100
    assert data.default_augmentation == Augmentation(crop_padding=4, flip=True)
    assert (data.resolution, data.in_channels, data.num_classes) == (32, 3, 100)


def test_cifar100_holds_its_known_duplicates(real_data: Callable[[str], Path]) -> None:
    report = check("cifar100", real_data("cifar100.npz"))

    # 26 images equal an earlier one, 10 of them across train and test.
    assert len(report.duplicates_across) == 10
    assert len(report.duplicates_within_train) == 14
    assert len(report.duplicates_within_test) == 2
    assert (report.train_images, report.test_images) == (50_000, 10_000)
    assert report.mean == pytest.approx((0.50707516, 0.48654887, 0.44091784), abs=5e-9)
