"""Small real files: image folders and .npz files that tests may then damage."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photos import write_photos


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """A folder of 2 classes, 5 train and 2 test JPEGs each, 20x16 pixels."""
    parts = {"train": 5, "test": 2}
    return write_photos(tmp_path / "pets", parts, height=16, width=20, suffix=".jpg")


@pytest.fixture
def save_npz(tmp_path: Path) -> Callable[..., Path]:
    """Save 6 train and 4 test images of 2 classes; name the arrays to replace."""

    def save(**replaced: object) -> Path:
        generator = np.random.default_rng(0)
        arrays: dict[str, object] = {
            "train_images": generator.integers(256, size=(6, 8, 8, 3), dtype=np.uint8),
            "train_labels": np.array([0, 1, 0, 1, 0, 1]),
            "test_images": generator.integers(256, size=(4, 8, 8, 3), dtype=np.uint8),
            "test_labels": np.array([0, 1, 1, 0]),
        }
        kept = {k: v for k, v in (arrays | replaced).items() if v is not None}
        np.savez_compressed(tmp_path / "tiny.npz", **kept)
        return tmp_path / "tiny.npz"

    return save


@pytest.fixture
def real_data() -> Callable[[str], Path]:
    """The root of the real data sets; skips where a file of it is absent."""

    def root_with(file: str) -> Path:
        root = Path(os.environ.get("REXPAND_DATA", ""))
        if "REXPAND_DATA" not in os.environ or not (root / file).exists():
            pytest.skip(f"no {file} under REXPAND_DATA, where real data sets lie")
        return root

    return root_with
