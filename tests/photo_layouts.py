"""The layouts that torchvision reads, of small images."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat
from torchvision import datasets
from torchvision.datasets.utils import calculate_md5

NAMES = ("food101", "stanford_cars", "fgvc_aircraft", "flowers102")


def write_images(paths: Iterable[Path]) -> None:
    """A JPEG of 12x10 random pixels at each path."""
    generator = np.random.default_rng(0)
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(256, size=(10, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)


def write_food101(root: Path) -> None:
    """Two foods, of which the first in the file is not the first by name."""
    folder = root / "food-101"
    for part, count in (("train", 3), ("test", 2)):
        listed = {
            food: [f"{food}/{part}{number}" for number in range(count)]
            for food in ("waffles", "apple_pie")
        }
        (folder / "meta").mkdir(parents=True, exist_ok=True)
        (folder / "meta" / f"{part}.json").write_text(json.dumps(listed))
        names = [name for each in listed.values() for name in each]
        write_images(folder / "images" / f"{name}.jpg" for name in names)


def write_stanford_cars(root: Path) -> None:
    folder = root / "stanford_cars"
    (folder / "devkit").mkdir(parents=True)
    names = np.array(["Ram C/V Cargo Van Minivan 2012", "smart fortwo 2012"], object)
    savemat(folder / "devkit" / "cars_meta.mat", {"class_names": names})
    for part, place in (
        ("train", "devkit/cars_train_annos.mat"),
        ("test", "cars_test_annos_withlabels.mat"),
    ):
        listed = [(f"{number:05d}.jpg", number % 2 + 1) for number in range(5)]
        kinds = [("fname", object), ("class", np.uint8)]
        savemat(folder / place, {"annotations": np.array(listed, dtype=kinds)})
        write_images(folder / f"cars_{part}" / name for name, _ in listed)


def write_fgvc_aircraft(root: Path) -> None:
    data = root / "fgvc-aircraft-2013b" / "data"
    data.mkdir(parents=True)
    (data / "variants.txt").write_text("707-320\nF/A-18\n")
    for part, first in (("trainval", 0), ("test", 4)):
        lines = [
            f"{number:07d} {('707-320', 'F/A-18')[number % 2]}"
            for number in range(first, first + 4)
        ]
        (data / f"images_variant_{part}.txt").write_text("\n".join(lines) + "\n")
        write_images(data / "images" / f"{line[:7]}.jpg" for line in lines)


def write_flowers102(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One image of each of 102 flowers to train on, 3 to validate, 4 to test.

    torchvision compares the md5 of two files with the original's: it is told ours.
    """
    folder = root / "flowers-102"
    folder.mkdir()
    numbers = np.arange(1, 110)
    labels = (numbers - 1) % 102 + 1
    savemat(folder / "imagelabels.mat", {"labels": labels.astype(np.uint8)})
    parts = {"trnid": numbers[:102], "valid": numbers[102:105], "tstid": numbers[105:]}
    savemat(folder / "setid.mat", parts)
    write_images(folder / "jpg" / f"image_{number:05d}.jpg" for number in numbers)
    files = dict(datasets.Flowers102._file_dict)
    for key, name in (("label", "imagelabels.mat"), ("setid", "setid.mat")):
        files[key] = (name, calculate_md5(str(folder / name)))
    monkeypatch.setattr(datasets.Flowers102, "_file_dict", files)


def write_layout(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout of a data set of `NAMES` below a root."""
    if name == "flowers102":
        write_flowers102(root, monkeypatch)
    else:
        writers = (write_food101, write_stanford_cars, write_fgvc_aircraft)
        dict(zip(NAMES, writers, strict=False))[name](root)
