import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from annotated import write_coco
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.data.split import hold_out
from rexpand.data.streams import StreamSplit
from rexpand.errors import DataError
from rexpand.recipe import Augmentation

CPU = torch.device("cpu")
Batches = list[tuple[Tensor, Tensor]]


def truncate(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def train_of(data: DataSet, threads: int = 1) -> StreamSplit:
    assert isinstance(data.train, StreamSplit)
    return replace(data.train, threads=threads)


def names(split: StreamSplit) -> list[str]:
    return [split.images[index].name for index in range(len(split))]


def run(split: StreamSplit, seed: int | None, flip: bool = False) -> Batches:
    augmentation = Augmentation(flip=True, cutout=2) if flip else None
    return list(
        split.batches(batch_size=4, device=CPU, seed=seed, augmentation=augmentation)
    )


def assert_equal(first: Batches, second: Batches) -> None:
    for (images, labels), (same_images, same_labels) in zip(first, second, strict=True):
        assert torch.equal(images, same_images)
        assert torch.equal(labels, same_labels)


def test_a_folder_gives_its_classes_and_images(image_folder: Path) -> None:
    data = load(str(image_folder), resolution=8)

    batches = run(train_of(data), seed=None)

    # Classes are the folders, sorted; images are cut to the resolution.
    assert (data.name, data.class_names) == ("pets", ("cat", "dog"))
    assert (len(data.train), len(data.test)) == (10, 4)
    assert [images.shape for images, _ in batches] == [(4, 3, 8, 8)] * 2 + [
        (2, 3, 8, 8)
    ]
    assert torch.cat([labels for _, labels in batches]).tolist() == [0] * 5 + [1] * 5
    assert batches[0][0].is_contiguous(memory_format=torch.channels_last)
    assert data.skipped == ()


def test_val_stands_in_for_test(image_folder: Path) -> None:
    (image_folder / "test").rename(image_folder / "val")

    # ImageNet's layout has no test/.
    assert len(load("pets", root=image_folder.parent).test) == 4


def test_a_stream_is_a_function_of_its_seed(image_folder: Path) -> None:
    train = train_of(load(str(image_folder), resolution=8))

    first, again, other = (run(train, seed, flip=True) for seed in (5, 5, -6))

    # The same seed gives the same bits, another one other crops.
    assert_equal(first, again)
    assert not torch.equal(first[0][0], other[0][0])


def test_threads_change_nothing(image_folder: Path) -> None:
    data = load(str(image_folder), resolution=8)

    alone = run(train_of(data), seed=5, flip=True)
    shared = run(train_of(data, threads=3), seed=5, flip=True)

    # A crop depends on the seed and the image, not on who decodes it.
    assert_equal(alone, shared)


def test_an_epoch_can_be_left_early(image_folder: Path) -> None:
    train = train_of(load(str(image_folder), resolution=8))

    batches = train.batches(batch_size=2, device=CPU, seed=0, augmentation=None)
    images, _ = next(batches)
    del batches

    assert len(images) == 2
    # Its threads end with it.
    names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("decode") for name in names)


def test_streaming_leaves_the_global_generator_alone(image_folder: Path) -> None:
    train = train_of(load(str(image_folder), resolution=8))
    state = torch.get_rng_state()

    run(train, seed=5, flip=True)

    # A resumed run would draw other dropout masks otherwise.
    assert torch.equal(torch.get_rng_state(), state)


def test_each_file_comes_once_with_its_label(image_folder: Path) -> None:
    train = train_of(load(str(image_folder), resolution=8))
    in_order = torch.cat([images for images, _ in run(train, seed=None)])

    shuffled = run(train, seed=1)

    # A shuffled epoch is a permutation of the one in order, labels included.
    found = []
    for images, labels in shuffled:
        for image, label in zip(images, labels, strict=True):
            [index] = (in_order == image).flatten(1).all(1).nonzero().flatten().tolist()
            assert train.labels[index] == label
            found.append(index)
    assert sorted(found) == list(range(10))


def test_holding_out_files_parts_them(image_folder: Path) -> None:
    data = load(str(image_folder))

    rest, held_out = hold_out(train_of(data), 4, seed=0)

    # Disjoint, and stratified.
    assert set(names(rest)).isdisjoint(names(held_out))
    assert np.bincount(held_out.labels).tolist() == [2, 2]


def test_padding_is_refused_for_files(image_folder: Path) -> None:
    train = train_of(load(str(image_folder)))

    # Their crop is another one; a setting is not ignored.
    with pytest.raises(DataError, match="crop_padding 4 does not apply"):
        train.batches(
            batch_size=4, device=CPU, seed=0, augmentation=Augmentation(crop_padding=4)
        )


def test_a_truncated_image_is_named_when_its_turn_comes(
    image_folder: Path,
) -> None:
    truncate(image_folder / "train" / "dog" / "3.jpg")
    train = train_of(load(str(image_folder), resolution=8))

    # One line, from another thread too.
    with pytest.raises(DataError, match=r"dog/3\.jpg' cannot be decoded") as raised:
        run(train, seed=0)
    assert "\n" not in str(raised.value)


def test_truncated_images_can_be_skipped(image_folder: Path) -> None:
    broken = [image_folder / "train" / "dog" / "3.jpg", image_folder / "test/cat/0.jpg"]
    for file in broken:
        truncate(file)

    data = load(str(image_folder), resolution=8, on_corrupt="skip")

    # They are named, they are gone, and the others keep their labels.
    assert data.skipped == tuple(str(file) for file in broken)
    assert data.train.labels.tolist() == [0] * 5 + [1] * 4
    assert sum(len(labels) for _, labels in run(train_of(data), seed=0)) == 9
    assert len(data.test) == 3


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n\0\0"])
def test_a_file_that_is_no_image_is_corrupt(image_folder: Path, content: bytes) -> None:
    (image_folder / "train" / "cat" / "9.png").write_bytes(content)

    data = load(str(image_folder), on_corrupt="skip")

    # What PIL raises differs; what we say does not.
    assert len(data.skipped) == 1


def test_a_folder_of_corrupt_images_cannot_be_skipped(image_folder: Path) -> None:
    for file in (image_folder / "test").rglob("*.jpg"):
        truncate(file)

    # Leaving out everything is not leaving out some.
    with pytest.raises(DataError, match="all 4 images are corrupt"):
        load(str(image_folder), on_corrupt="skip")


def drop_class(folder: Path) -> None:
    shutil.rmtree(folder / "train" / "dog")


def drop_classes(folder: Path) -> None:
    drop_class(folder)
    shutil.rmtree(folder / "train" / "cat")


def empty_class(folder: Path) -> None:
    for file in (folder / "train" / "dog").iterdir():
        file.unlink()


def empty_test(folder: Path) -> None:
    for file in (folder / "test").rglob("*.jpg"):
        file.unlink()


def drop_train(folder: Path) -> None:
    shutil.rmtree(folder / "train")


def drop_test(folder: Path) -> None:
    shutil.rmtree(folder / "test")


def new_class(folder: Path) -> None:
    (folder / "test" / "horse").mkdir()


@pytest.mark.parametrize("train", ["train", "train2017"])
def test_images_of_a_detector_are_no_classes(tmp_path: Path, train: str) -> None:
    folder = write_coco(tmp_path / "shapes", {train: 2, "val": 1})

    with pytest.raises(DataError, match=r"annotated objects, .*rexpand detect train"):
        load(str(folder))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop_class, "train' has the one class 'cat'; a classifier needs two"),
        (drop_classes, "train' has no class folders; put its images in one folder a"),
        (empty_class, "train/dog' holds no image"),
        (empty_test, "test' holds no image"),
        (
            drop_train,
            r"train' is not there; an image folder has train/CLASS/IMAGE\.jpg",
        ),
        (drop_test, "val' is not there"),
        (new_class, "test/horse' is a class that train/ does not have"),
    ],
)
def test_degenerate_folders_are_refused(
    image_folder: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(image_folder)

    # The message names the folder and what to do with it.
    with pytest.raises(DataError, match=message):
        load(str(image_folder))


def test_a_class_folder_has_a_short_printable_name(image_folder: Path) -> None:
    train = image_folder / "train"
    next(each for each in train.iterdir()).rename(train / "a\x1b[31m\nb")

    with pytest.raises(
        DataError, match=r"is 'a\\x1b\[31m\\nb'; give a short"
    ) as refused:
        load(str(image_folder))
    assert str(refused.value).isprintable()
