"""Image folders of random pixels, for tests that need files and no meaning in them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image


def write_photos(
    folder: Path,
    parts: Mapping[str, int],
    *,
    height: int,
    width: int,
    classes: Sequence[str] = ("cat", "dog"),
    suffix: str = ".png",
) -> Path:
    """FOLDER/PART/CLASS/0.png, 1.png, ...: as many per class as the part says."""
    generator = np.random.default_rng(0)
    for part, count in parts.items():
        for name in classes:
            place = folder / part / name
            place.mkdir(parents=True)
            for number in range(count):
                pixels = generator.integers(
                    256, size=(height, width, 3), dtype=np.uint8
                )
                Image.fromarray(pixels).save(place / f"{number}{suffix}")
    return folder
