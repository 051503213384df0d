"""A tiny data set of real digits."""

from pathlib import Path

import numpy as np
import pytest

from rexpand.data.digits import read_digits
from rexpand.design.order import DesignOrder


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 training and 60 test images of digits, as many of each class."""
    every, file = read_digits(), tmp_path_factory.mktemp("data") / "few.npz"
    parts = {}
    for name, each in (("train", 24), ("test", 6)):
        images, labels = (
            getattr(every, f"{name}_{what}") for what in ("images", "labels")
        )
        rows = [np.flatnonzero(labels == label)[:each] for label in range(10)]
        kept = np.concatenate(rows)
        parts |= {f"{name}_images": images[kept], f"{name}_labels": labels[kept]}
    np.savez(file, **parts, class_names=np.array([f"digit {n}" for n in range(10)]))
    return file


@pytest.fixture
def order(few: Path) -> DesignOrder:
    return DesignOrder(data=str(few), macs=400e3, hours=0.1)
