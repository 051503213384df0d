import os
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from datasets import ClassLabel, DatasetDict, Value
from torch import Tensor

from rexpand.data import load
from rexpand.data.check import check
from rexpand.data.dataset import DataSet
from rexpand.data.hub_name import HubName
from rexpand.data.labelled import load_labelled
from rexpand.data.part import Part
from rexpand.data.split import Split
from rexpand.errors import DataError, UnknownNameError
from rexpand.recipe import Augmentation
from tables import tables, write_parquet


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's cache, and no bars, which would be printed into the tests."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


@pytest.fixture
def saved(image_folder: Path, tmp_path: Path) -> Path:
    tables(image_folder).save_to_disk(tmp_path / "saved")
    return tmp_path / "saved"


def batches(split: Split, part: Part | None = None) -> list[tuple[Tensor, Tensor]]:
    return [
        *split.batches(
            batch_size=4,
            device=torch.device("cpu"),
            seed=3,
            augmentation=Augmentation(flip=True, cutout=2),
            part=part or Part(),
        )
    ]


def assert_same(first: DataSet, second: DataSet) -> None:
    for one, other in ((first.train, second.train), (first.test, second.test)):
        for found, expected in zip(batches(one), batches(other), strict=True):
            assert all(map(torch.equal, found, expected))
    assert first.class_names == second.class_names


def test_a_saved_set_gives_the_bits_of_the_same_images_in_a_folder(
    image_folder: Path, saved: Path
) -> None:
    expected = load(str(image_folder), resolution=8)

    assert_same(load(f"hf:{saved}", resolution=8), expected)
    # By its name below the root, and as the folder that it is.
    assert_same(load("hf:saved", root=saved.parent, resolution=8), expected)
    assert_same(load(str(saved), resolution=8), expected)


def test_parquet_files_are_a_data_set(image_folder: Path, tmp_path: Path) -> None:
    folder = write_parquet(tables(image_folder), tmp_path / "parquet")

    found = load(f"hf:{folder}", resolution=8)

    assert_same(found, load(str(image_folder), resolution=8))
    assert found.name == "parquet"


def test_an_epoch_of_a_table_goes_on_where_it_stopped(saved: Path) -> None:
    train = load(str(saved), resolution=8).train

    rest = batches(train, Part(first_batch=1))

    for found, expected in zip(rest, batches(train)[1:], strict=True):
        assert all(map(torch.equal, found, expected))


def test_the_library_gives_the_same_images(saved: Path) -> None:
    train = load(str(saved)).train

    # As `datasets` itself decodes them, row by row.
    for index, row in enumerate(datasets.load_from_disk(saved)["train"]):
        with train.images[index].opened() as stream:
            from PIL import Image

            assert np.array_equal(
                np.asarray(Image.open(stream)), np.asarray(row["image"])
            )
        assert train.labels[index] == row["label"]


def test_the_fingerprint_is_of_the_images_and_labels(
    image_folder: Path, saved: Path, tmp_path: Path
) -> None:
    found = tables(image_folder)
    found.save_to_disk(tmp_path / "same")
    found["train"] = found["train"].select([0, 2, 1, 3, 4, 5, 6, 7, 8, 9])
    found.save_to_disk(tmp_path / "other")

    fingerprint = load(str(saved)).fingerprint

    assert load(str(tmp_path / "same")).fingerprint == fingerprint
    assert load(str(tmp_path / "other")).fingerprint != fingerprint


@pytest.mark.parametrize("name", ["data-00000-of-00001.arrow", "state.json"])
def test_a_pipe_among_its_files_is_refused(saved: Path, name: str) -> None:
    (saved / "test" / name).unlink()
    os.mkfifo(saved / "test" / name)

    with pytest.raises(DataError, match=f"{name}' is no regular file; copy"):
        load(str(saved))


def test_corrupt_rows_are_named(image_folder: Path, tmp_path: Path) -> None:
    broken = image_folder / "train" / "dog" / "3.jpg"
    broken.write_bytes(broken.read_bytes()[:300])
    (image_folder / "train" / "dog" / "4.jpg").write_bytes(b"")
    tables(image_folder).save_to_disk(tmp_path / "saved")

    data = load("hf:saved", root=tmp_path, on_corrupt="skip")

    report = check("hf:saved", tmp_path)
    assert data.skipped == report.corrupt == ("saved/train[8]", "saved/train[9]")
    with pytest.raises(DataError, match=r"saved/train\[[89]\]' cannot be decoded"):
        batches(load("hf:saved", root=tmp_path).train)


def test_columns_are_found_by_type_or_named(image_folder: Path, tmp_path: Path) -> None:
    coarse = ClassLabel(names=["animal"])
    found = tables(image_folder).rename_columns({"image": "img", "label": "fine"})
    found = found.map(lambda row: {**row, "coarse": 0})
    found = found.cast_column("coarse", coarse)
    found.save_to_disk(tmp_path / "saved")

    data = load("hf:saved:label=fine", root=tmp_path)

    assert data.class_names == ("cat", "dog")
    with pytest.raises(DataError, match="has 2 columns of the type of labels"):
        load("hf:saved", root=tmp_path)
    with pytest.raises(DataError, match="has no column 'moon', only img, fine, coarse"):
        load("hf:saved:label=moon", root=tmp_path)
    with pytest.raises(DataError, match="has the one class 'animal'"):
        load("hf:saved:label=coarse", root=tmp_path)


def test_numbers_are_labels_where_they_are_named(
    image_folder: Path, tmp_path: Path
) -> None:
    tables(image_folder).cast_column("label", Value("int32")).save_to_disk(
        tmp_path / "saved"
    )

    assert load("hf:saved:label=label", root=tmp_path).class_names == ("0", "1")


def test_hidden_tests_are_passed_over(image_folder: Path, tmp_path: Path) -> None:
    found = tables(image_folder)
    hidden = found["test"].map(lambda row: {**row, "label": -1})
    DatasetDict(
        {"train": found["train"], "validation": found["test"], "test": hidden}
    ).save_to_disk(tmp_path / "saved")

    # As ImageNet on the hub, whose test images have the label -1.
    assert load("hf:saved", root=tmp_path).test.labels.tolist() == [0, 0, 1, 1]
    with pytest.raises(
        DataError, match="images of test have no labels; choose another"
    ):
        load("hf:saved:test=test", root=tmp_path)


def relabelled(image_folder: Path, label: int) -> DatasetDict:
    found = tables(image_folder).cast_column("label", Value("int64"))
    return DatasetDict(
        train=found["train"],
        test=found["test"].map(lambda row: {**row, "label": label}),
    )


def test_labels_outside_the_classes_are_refused(
    image_folder: Path, tmp_path: Path
) -> None:
    relabelled(image_folder, 7).save_to_disk(tmp_path / "saved")

    with pytest.raises(DataError, match="label 7 in test is none of the 2 classes"):
        load("hf:saved:label=label", root=tmp_path)


def test_other_classes_than_those_of_train_are_refused(
    image_folder: Path, tmp_path: Path
) -> None:
    found = tables(image_folder)
    found["test"] = found["test"].cast_column("label", ClassLabel(names=["cat", "cow"]))
    found.save_to_disk(tmp_path / "saved")

    with pytest.raises(DataError, match="'cow' is the first that differs"):
        load("hf:saved", root=tmp_path)


@pytest.mark.parametrize("part", ["train", "test"])
def test_an_empty_split_is_refused(
    part: str, image_folder: Path, tmp_path: Path
) -> None:
    found = tables(image_folder)
    found[part] = found[part].select([])
    write_parquet(found, tmp_path / "parquet", files=1)

    with pytest.raises(DataError, match=f'"{part}" corresponds to no data'):
        load("hf:parquet", root=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hf:", "names no data set"),
        ("hf:nobody/nothing", "hf:nobody/nothing cannot be loaded"),
        (
            "hf:saved:train=moon",
            "has no split 'moon', only test, train|only train, test",
        ),
        ("hf:saved:stream=perhaps", "neither true nor false"),
        ("hf:saved:images=-3", "is no number of images"),
        ("hf:saved:label", "write controls as name=value"),
        ("hf:taken", "hf:taken cannot be loaded"),
    ],
)
def test_what_is_no_data_set_is_one_line(text: str, message: str, saved: Path) -> None:
    (saved.parent / "taken").mkdir()
    (saved.parent / "taken" / "dataset_dict.json").write_bytes(b'{"splits": 3}')

    with pytest.raises(DataError, match=message) as raised:
        load(text, root=saved.parent)
    assert "\n" not in str(raised.value)


def test_an_unknown_control_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="the nearest are label"):
        HubName.parse("hf:a/b:lable=fine")


def test_a_damaged_table_is_one_line(saved: Path) -> None:
    for file in saved.glob("train/*.arrow"):
        file.write_bytes(file.read_bytes()[:900])

    with pytest.raises(DataError, match="cannot be loaded") as raised:
        load(str(saved))
    assert "\n" not in str(raised.value)


def test_places_outside_of_a_table_are_one_line(saved: Path) -> None:
    (file,) = saved.glob("train/*.arrow")
    content = file.read_bytes()
    # The ends of the 10 images in the bytes of all: the first is 0, the last their sum.
    sizes = [len(row["bytes"]) for row in raw_images(saved)]
    ends = np.cumsum([0, *sizes]).astype("<i4").tobytes()
    assert content.count(ends) == 1
    beyond = np.array([0, *[2**30] * 10], "<i4").tobytes()
    file.write_bytes(content.replace(ends, beyond))

    # Without a look at them, reading one ends the process.
    with pytest.raises(DataError, match="cannot be loaded") as raised:
        load(str(saved))
    assert "\n" not in str(raised.value)


def raw_images(saved: Path) -> list[dict[str, bytes]]:
    table = datasets.load_from_disk(saved)["train"]
    plain = table.cast_column("image", datasets.Image(decode=False))
    return list(plain["image"])


def test_the_tests_of_a_table_judge_a_network(saved: Path) -> None:
    assert load_labelled(f"hf:{saved}").class_names == ("cat", "dog")
