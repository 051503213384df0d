import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets

from photo_layouts import NAMES, write_layout
from photos import write_photos
from rexpand.data.catalogue import CATALOGUE
from rexpand.data.check import check
from rexpand.data.decoding import decode
from rexpand.data.labelled import load_labelled
from rexpand.data.load import load
from rexpand.errors import DataError

READERS = {
    "food101": (datasets.Food101, ["train"], ["test"]),
    "stanford_cars": (datasets.StanfordCars, ["train"], ["test"]),
    "fgvc_aircraft": (datasets.FGVCAircraft, ["trainval"], ["test"]),
    "flowers102": (datasets.Flowers102, ["train", "val"], ["test"]),
}
FOLDERS = {
    "food101": "food-101",
    "stanford_cars": "stanford_cars",
    "fgvc_aircraft": "fgvc-aircraft-2013b",
    "flowers102": "flowers-102",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_item_is_torchvisions(name: str, tmp_path: Path, monkeypatch) -> None:
    write_layout(name, tmp_path, monkeypatch)
    reader, *splits = READERS[name]

    data = load(name, root=tmp_path, resolution=8)

    # The same images with the same labels, in its order.
    for split, parts in zip((data.train, data.test), splits, strict=True):
        expected = [item for part in parts for item in reader(tmp_path, split=part)]
        assert len(split) == len(expected)
        for index, (image, label) in enumerate(expected):
            found = decode(split.images[index]).rgb
            assert np.array_equal(np.asarray(found), np.asarray(image))
            assert split.labels[index] == label
    assert data.class_names == tuple(reader(tmp_path, split=splits[1][0]).classes)
    images, _ = next(
        data.train.batches(
            batch_size=4, device=torch.device("cpu"), seed=0, augmentation=None
        )
    )
    assert images.shape == (4, 3, 8, 8)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_that_is_not_there_names_the_way_out(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        load(name, root=tmp_path)

    message = str(raised.value)
    assert f"'{tmp_path / FOLDERS[name]}'" in message
    # Where torchvision can download it, the command that does; else where it is.
    can = CATALOGUE[name].info.can_download
    assert f"data fetch {name}" in message if can else "vision/issues/7545" in message


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b"[1", b"\xff\x00" * 300])
def test_damaged_metadata_is_one_line(
    name: str, content: bytes, tmp_path: Path, monkeypatch
) -> None:
    write_layout(name, tmp_path, monkeypatch)
    photos = CATALOGUE[name].origin.args[0]  # type: ignore[union-attr]
    (tmp_path / photos.folder / photos.metadata[0]).write_bytes(content)

    with pytest.raises(DataError, match=FOLDERS[name]) as raised:
        load(name, root=tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_metadata_without_end_is_not_read(name: str, tmp_path: Path) -> None:
    photos = CATALOGUE[name].origin.args[0]  # type: ignore[union-attr]
    file = tmp_path / photos.folder / photos.metadata[0]
    file.parent.mkdir(parents=True)
    with file.open("wb") as made:
        made.truncate(2**40)  # a hole, which takes no disk

    with pytest.raises(DataError, match="larger than 64 MiB"):
        load(name, root=tmp_path)


def test_bad_images_of_a_named_set_are_named(tmp_path: Path, monkeypatch) -> None:
    write_layout("food101", tmp_path, monkeypatch)
    images = tmp_path / "food-101" / "images"
    (images / "waffles" / "train0.jpg").write_bytes(b"")
    (images / "waffles" / "test1.jpg").unlink()

    report = check("food101", tmp_path)
    data = load("food101", root=tmp_path, on_corrupt="skip")

    assert report.corrupt == data.skipped
    assert [Path(file).name for file in report.corrupt] == ["train0.jpg", "test1.jpg"]
    with pytest.raises(DataError, match=r"test1\.jpg' cannot be read: No such file"):
        _ = load("food101", root=tmp_path).fingerprint


def test_a_part_without_images_is_refused(tmp_path: Path, monkeypatch) -> None:
    write_layout("fgvc_aircraft", tmp_path, monkeypatch)
    data = tmp_path / "fgvc-aircraft-2013b" / "data"
    (data / "images_variant_test.txt").write_text("")

    with pytest.raises(DataError, match="has 0 images of test"):
        load("fgvc_aircraft", root=tmp_path)


def test_a_class_without_training_images_is_refused(
    tmp_path: Path, monkeypatch
) -> None:
    write_layout("fgvc_aircraft", tmp_path, monkeypatch)
    with (tmp_path / "fgvc-aircraft-2013b/data/variants.txt").open("a") as file:
        file.write("Concorde\n")

    with pytest.raises(DataError, match="no train image of class 2 \\('Concorde'"):
        load("fgvc_aircraft", root=tmp_path)


@pytest.mark.parametrize("name", ["cifar10", "flowers102"])
def test_a_download_that_fails_leaves_no_folder(
    name: str, tmp_path: Path, monkeypatch
) -> None:
    def unreachable(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unreachable)

    with pytest.raises(DataError, match="could not be downloaded"):
        load(name, root=tmp_path / "new", download=True)

    assert not (tmp_path / "new").exists()


def test_cars_cannot_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be downloaded: its authors' page"):
        load("stanford_cars", root=tmp_path, download=True)


@pytest.fixture
def imagenet(tmp_path: Path) -> Path:
    """A root with two classes of ImageNet, in torchvision's layout."""
    write_photos(
        tmp_path / "imagenet",
        {"train": 2, "val": 1},
        height=10,
        width=12,
        classes=("n01440764", "n01443537"),
        suffix=".JPEG",
    )
    return tmp_path


def test_imagenet_is_torchvisions_folders(imagenet: Path) -> None:
    expected = datasets.ImageFolder(imagenet / "imagenet" / "train")

    data = load("imagenet", root=imagenet)

    # WordNet's numbers are the names, by which weights of timm match them.
    assert data.class_names == tuple(expected.classes)
    assert [data.train.images[i].name for i in range(4)] == [
        path for path, _ in expected.samples
    ]
    assert data.train.labels.tolist() == expected.targets
    assert len(data.test) == 2


def test_imagenets_validation_images_are_enough_to_judge_by(imagenet: Path) -> None:
    shutil.rmtree(imagenet / "imagenet" / "train")

    assert len(load_labelled("imagenet", root=imagenet).split) == 2


def test_imagenet_without_its_archives_says_which_to_get(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is not at .*ILSVRC2012_img_train\.tar"):
        load("imagenet", root=tmp_path)
    with pytest.raises(DataError, match=r"does not hold its archives .*image-net\.org"):
        load("imagenet", root=tmp_path, download=True)
