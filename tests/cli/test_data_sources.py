"""Bad images from the command line, whatever they lie in."""

import json
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
from PIL import Image

from photo_layouts import write_food101
from photos import write_photos
from shards import write_shards
from tables import tables

Say = Callable[..., Any]
TRAIN = ("--resolution", "32", "--epochs", "1", "--batch-size", "4", "--out", "run")


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


def as_folder(photos: Path, root: Path) -> str:
    return str(photos.rename(root / "folder"))


def as_shards(photos: Path, root: Path) -> str:
    return str(write_shards(photos, root / "shards"))


def as_tables(photos: Path, root: Path) -> str:
    tables(photos).save_to_disk(root / "saved")
    return f"hf:{root / 'saved'}"


def as_food101(photos: Path, root: Path) -> str:
    """The layout of Food-101, with the changed images under other names."""
    write_food101(root)
    folder = root / "food-101" / "images" / "waffles"
    for number, file in enumerate(sorted((photos / "train" / "dog").iterdir())[:3]):
        (folder / f"train{number}.jpg").write_bytes(file.read_bytes())
    return "food101"


KINDS = [as_folder, as_shards, as_tables, as_food101]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    parts = {"train": 5, "test": 2}
    return write_photos(tmp_path / "pets", parts, height=16, width=20, suffix=".jpg")


def bomb(file: Path) -> None:
    """A PNG that claims 400 million pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + zlib.crc32(header).to_bytes(4)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:300])


@pytest.mark.parametrize("kind", KINDS)
def test_bad_images_are_named_and_not_trained_on(
    kind: Callable[[Path, Path], str], photos: Path, say: Say, tmp_path: Path
) -> None:
    for number, damage in enumerate((empty, cut, bomb)):
        damage(photos / "train" / "dog" / f"{number}.jpg")
    data = (kind(photos, tmp_path), "--data-root", ".")

    checked = say("data", "check", *data, "--json")
    trained = say("train", "search_18", "--data", *data, *TRAIN)

    assert checked.code == 0
    assert len(json.loads(checked.out)["corrupt"]) == 3
    assert trained.code == 2
    assert trained.err.count("\n") == 1
    assert "cannot be decoded" in trained.err


def in_other_colours(photos: Path) -> None:
    for mode, name in (("L", "0"), ("CMYK", "1"), ("RGBA", "2"), ("I;16", "3")):
        file = photos / "train" / "dog" / f"{name}.jpg"
        form = "PNG" if mode in ("RGBA", "I;16") else "JPEG"
        Image.new(mode, (20, 16)).save(file, form)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_other_colours_are_converted_and_counted(
    kind: Callable[[Path, Path], str], photos: Path, say: Say, tmp_path: Path
) -> None:
    in_other_colours(photos)

    checked = say("data", "check", kind(photos, tmp_path), "--json")

    assert checked.code == 0
    found = json.loads(checked.out)["converted"]
    assert found == {"CMYK": 1, "I;16": 1, "L": 1, "RGBA": 1}


def test_a_training_says_once_what_it_converted(photos: Path, say: Say) -> None:
    in_other_colours(photos)

    said = say("train", "search_18", "--data", str(photos), *TRAIN)

    assert said.code == 0
    lines = [line for line in said.err.splitlines() if "converted" in line]
    assert len(lines) == 1
    assert "CMYK, I;16, L, RGBA" in lines[0]


def test_a_check_is_written_for_a_person(photos: Path, say: Say) -> None:
    copy, *_ = sorted(photos.glob("train/*/*"))
    copy.with_name("copy.jpg").write_bytes(copy.read_bytes())

    said = say("data", "check", str(photos))

    lines = {line[:26].strip(): line[27:] for line in said.out.splitlines()}
    assert lines["corrupt"] == lines["converted"] == "none"
    assert lines["duplicates within train"].endswith(")")
    assert "copy.jpg" in lines["duplicates within train"]
    assert not re.search(r"[\[\]{}]|\(\)|\d\.\d{5}", said.out)


def test_fetch_downloads_to_where_the_other_verbs_look(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REXPAND_DATA", str(tmp_path / "sets"))

    said = say("data", "fetch", "digits", "--json")

    assert said.code == 0
    assert json.loads(said.out) == {
        "name": "digits",
        "train_images": 1_437,
        "test_images": 360,
        "classes": 10,
        "root": str(tmp_path / "sets"),
    }


def test_the_list_says_what_can_be_downloaded(say: Say) -> None:
    found = json.loads(say("data", "list", "--json").out)

    assert [each["name"] for each in found if each["can_download"]] == [
        "cifar10",
        "cifar100",
        "fgvc_aircraft",
        "flowers102",
        "food101",
    ]
