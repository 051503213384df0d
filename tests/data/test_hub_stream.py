from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from datasets import ClassLabel, Value
from torch import Tensor

from rexpand.data import load
from rexpand.data.check import check
from rexpand.data.part import WHOLE, Part
from rexpand.data.split import Split, hold_out, stratified_subset
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from tables import tables, write_parquet

STREAM = "hf:parquet:stream=true,images=10,buffer=3"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's cache, and no bars, which would be printed into the tests."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


@pytest.fixture
def root(image_folder: Path, tmp_path: Path) -> Path:
    """A root with 10 training images in 2 files of parquet, and 4 test images."""
    write_parquet(tables(image_folder), tmp_path / "parquet")
    return tmp_path


def batches(
    split: Split, seed: int | None = 3, part: Part = WHOLE
) -> list[tuple[Tensor, Tensor]]:
    augmentation = None if seed is None else Augmentation(flip=True, cutout=2)
    return [
        *split.batches(
            batch_size=4,
            device=torch.device("cpu"),
            seed=seed,
            augmentation=augmentation,
            part=part,
        )
    ]


def assert_same(first: list[tuple[Tensor, Tensor]], second: object) -> None:
    assert isinstance(second, list)
    assert first
    for found, expected in zip(first, second, strict=True):
        assert all(map(torch.equal, found, expected))


def test_a_stream_in_order_has_the_bits_of_its_files(root: Path) -> None:
    stream = load(STREAM, root=root, resolution=8)
    table = load("hf:parquet", root=root, resolution=8)

    assert (len(stream.train), len(stream.test)) == (10, 4)
    assert stream.class_names == ("cat", "dog")
    assert_same(batches(stream.train, None), batches(table.train, None))
    assert_same(batches(stream.test, None), batches(table.test, None))


def in_order_of(split: Split, seed: int) -> list[int]:
    """For each image of an epoch its place in the stream, without augmentation."""
    keys = [
        image.flatten().tolist()
        for images, _ in batches(split, None)
        for image in images
    ]
    plain = split.batches(
        batch_size=4, device=torch.device("cpu"), seed=seed, augmentation=None
    )
    return [
        keys.index(each.flatten().tolist()) for images, _ in plain for each in images
    ]


def test_the_order_of_a_stream_is_a_function_of_the_seed(root: Path) -> None:
    train = load(STREAM, root=root, resolution=8).train

    orders = [in_order_of(train, seed) for seed in (5, 5, 6, 7)]

    # Each image once; another seed is another order.
    assert orders[0] == orders[1]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    assert_same(batches(train, 5), batches(train, 5))


def test_a_stream_goes_on_inside_an_epoch(root: Path) -> None:
    train = load(STREAM, root=root, resolution=8).train
    whole = batches(train)

    # Also in a new process, whose stream was never read.
    again = load(STREAM, root=root, resolution=8).train
    for first in range(3):
        assert_same(whole[first:], batches(again, part=Part(first_batch=first)))


def test_processes_take_slices_of_the_batches_of_one(root: Path) -> None:
    train = load(STREAM, root=root, resolution=8).train
    parts = [Part(process=process, processes=2) for process in range(2)]

    halves = [batches(train, part=part) for part in parts]

    joined = [
        tuple(torch.cat([one, other]) for one, other in zip(*pair, strict=True))
        for pair in zip(*halves, strict=True)
    ]
    assert_same(batches(train), joined)


def test_what_is_passed_over_is_not_decoded(image_folder: Path, tmp_path: Path) -> None:
    (image_folder / "train" / "cat" / "0.jpg").write_bytes(b"no image")
    write_parquet(tables(image_folder), tmp_path / "parquet")
    train = load(STREAM, root=tmp_path, resolution=8).train

    # In order, the bad image is in the first batch; who begins after it meets none.
    with pytest.raises(DataError, match=r"parquet/train/0\.jpg' cannot be decoded"):
        batches(train, None)
    assert len(batches(train, None, Part(first_batch=1))) == 2
    assert check(STREAM, tmp_path).corrupt == ("parquet/train/0.jpg",)


def test_images_are_held_out_of_a_stream(root: Path) -> None:
    train = load(STREAM, root=root, resolution=8).train

    rest, held_out = hold_out(train, 3, seed=0)
    few = stratified_subset(train, 6, seed=0)

    # Its first images: nothing else is known of a stream.
    whole = torch.cat([images for images, _ in batches(train, None)])
    for split, rows in ((held_out, slice(3)), (rest, slice(3, 10)), (few, slice(6))):
        found = torch.cat([images for images, _ in batches(split, None)])
        assert torch.equal(found, whole[rows])
        # Also shuffled, whatever the files' order.
        assert sorted(in_order_of(split, 9)) == list(range(len(split)))


def test_a_stream_says_or_is_told_its_number(root: Path) -> None:
    with pytest.raises(DataError, match="does not say how many images train has"):
        load("hf:parquet:stream=true", root=root)
    data = load("hf:parquet:stream=true,images=11", root=root)
    with pytest.raises(DataError, match="ended after 10 images, and 11 were said"):
        batches(data.train)
    # A set that is saved knows it.
    datasets.load_dataset(str(root / "parquet")).save_to_disk(root / "saved")
    assert len(load("hf:saved:stream=true", root=root).train) == 10


def test_the_fingerprint_of_a_stream_is_of_its_first_images(
    root: Path, image_folder: Path
) -> None:
    data = load(STREAM, root=root)
    (image_folder / "train" / "cat" / "0.jpg").write_bytes(b"another")
    write_parquet(tables(image_folder), root / "other")

    other = load(STREAM.replace("parquet", "other"), root=root)

    assert data.fingerprint == load(STREAM, root=root).fingerprint
    assert data.fingerprint != other.fingerprint


def test_a_stream_cannot_be_asked_out_of_order(root: Path) -> None:
    train = load(STREAM, root=root).train

    with pytest.raises(DataError, match="images are read in order"):
        train.subset([3])
    with pytest.raises(DataError, match="corrupt images are not known before"):
        load(STREAM, root=root, on_corrupt="skip")


def test_bad_labels_of_a_stream_are_named(image_folder: Path, tmp_path: Path) -> None:
    found = tables(image_folder)
    hidden = found["test"].map(lambda row: {**row, "label": -1})
    found["test"] = hidden
    write_parquet(found, tmp_path / "parquet")

    test = load(STREAM, root=tmp_path).test

    with pytest.raises(DataError, match="has the label -1, which is none of the 2"):
        batches(test, None)


def test_a_stream_needs_names_of_its_classes(
    image_folder: Path, tmp_path: Path
) -> None:
    numbers = tables(image_folder).cast_column("label", Value("int64"))
    write_parquet(numbers, tmp_path / "numbers")
    others = tables(image_folder)
    others["test"] = others["test"].cast_column(
        "label", ClassLabel(names=["cat", "cow"])
    )
    others.save_to_disk(tmp_path / "others")

    with pytest.raises(DataError, match="does not name its classes"):
        load("hf:numbers:stream=true,images=10,label=label", root=tmp_path)
    with pytest.raises(DataError, match="'cow' is the first that differs"):
        load("hf:others:stream=true", root=tmp_path)


def test_labels_of_a_stream_are_renumbered(root: Path) -> None:
    train = load(STREAM, root=root, resolution=8).train

    swapped = train.renumbered(np.array([1, 0]))

    labels = torch.cat([labels for _, labels in batches(train, None)])
    assert torch.equal(torch.cat([x for _, x in batches(swapped, None)]), 1 - labels)
