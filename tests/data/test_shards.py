import io
import pickle
import shutil
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from webdataset.tariterators import group_by_keys, tar_file_expander

from rexpand.data import load
from rexpand.data.check import check
from rexpand.data.labelled import load_labelled
from rexpand.data.part import Part
from rexpand.data.split import Split
from rexpand.data.tar import members
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from shards import write_shards


@pytest.fixture
def shards(image_folder: Path, tmp_path: Path) -> Path:
    """Of 2 classes, 10 train and 4 test JPEGs in 4 and 2 shards; no file of classes."""
    return write_shards(image_folder, tmp_path / "shards")


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


def assert_same(first: list[tuple[Tensor, Tensor]], second: object) -> None:
    assert isinstance(second, list)
    for (images, labels), (others, other_labels) in zip(first, second, strict=True):
        assert torch.equal(images, others)
        assert torch.equal(labels, other_labels)


def test_shards_give_the_bits_of_the_same_images_in_a_folder(
    image_folder: Path, shards: Path
) -> None:
    files, found = (
        load(str(image_folder), resolution=8),
        load(str(shards), resolution=8),
    )

    # Where an image lies changes neither its crop nor its turn.
    assert_same(batches(files.train), batches(found.train))
    assert_same(batches(files.test), batches(found.test))
    assert found.class_names == ("0", "1")


def test_an_epoch_of_shards_goes_on_where_it_stopped(shards: Path) -> None:
    train = load(str(shards), resolution=8).train

    assert_same(batches(train)[1:], batches(train, Part(first_batch=1)))


def test_the_library_reads_the_same_samples(shards: Path) -> None:
    train = load(str(shards)).train
    samples = list[dict[str, bytes]]()
    for path in sorted(shards.glob("train-*.tar")):
        with path.open("rb") as stream:
            source = [{"url": str(path), "stream": stream}]
            samples += group_by_keys(tar_file_expander(source))

    # Keys, bytes and labels, in the library's own order.
    assert len(samples) == len(train) == 10
    for index, sample in enumerate(samples):
        with train.images[index].opened() as stream:
            assert stream.read() == sample["jpg"]
        assert train.images[index].name.endswith(f"{sample['__key__']}.jpg")
        assert train.labels[index] == int(sample["cls"])


@pytest.mark.parametrize(
    "label",
    [
        lambda name, _: {"cls": name.encode()},
        lambda name, _: {"json": {"label": name, "width": 20}},
        lambda _, number: {"json": {"cls": number}},
        lambda _, number: {"json": number},
        lambda name, number: {"cls": number, "json": {"label": name}},
    ],
)
def test_labels_are_numbers_or_names(label, image_folder: Path, tmp_path: Path) -> None:
    folder = write_shards(image_folder, tmp_path / "shards", label=label)
    (folder / "classes.txt").write_text("cat\ndog\n")

    data = load(str(folder))

    assert data.class_names == ("cat", "dog")
    assert data.train.labels.tolist() == [0] * 5 + [1] * 5


def test_names_need_no_file_of_classes(image_folder: Path, tmp_path: Path) -> None:
    folder = write_shards(
        image_folder, tmp_path / "shards", label=lambda name, _: {"cls": name.encode()}
    )

    assert load(str(folder)).class_names == ("cat", "dog")


def test_a_file_of_classes_may_be_json(shards: Path) -> None:
    (shards / "classes.json").write_text('["tom cat", "dog"]')

    assert load(str(shards)).class_names == ("tom cat", "dog")


def test_shards_may_lie_in_folders_of_their_parts(shards: Path) -> None:
    expected = batches(load(str(shards)).train)
    for part, inside in (("train", "train"), ("test", "val")):
        (shards / inside).mkdir()
        for path in shards.glob(f"{part}-*.tar"):
            path.rename(shards / inside / path.name.removeprefix(f"{part}-"))

    found = load(str(shards))

    assert_same(expected, batches(found.train))
    assert len(found.test) == 4


def test_shards_of_tests_alone_can_be_judged_by(shards: Path) -> None:
    for path in shards.glob("train-*.tar"):
        path.unlink()

    assert len(load_labelled(str(shards)).split) == 4
    assert check(str(shards)).test_images == 4
    with pytest.raises(DataError, match="has no shards of the train part"):
        load(str(shards))


def test_the_fingerprint_sees_a_label_and_an_image(
    image_folder: Path, shards: Path, tmp_path: Path
) -> None:
    same = write_shards(image_folder, tmp_path / "same")
    others = write_shards(
        image_folder, tmp_path / "others", label=lambda _, number: {"cls": 1 - number}
    )
    shutil.copy(image_folder / "train/cat/0.jpg", image_folder / "train/cat/1.jpg")
    changed = write_shards(image_folder, tmp_path / "changed")

    fingerprint = load(str(shards)).fingerprint

    assert load(str(same)).fingerprint == fingerprint
    assert load(str(others)).fingerprint != fingerprint
    assert load(str(changed)).fingerprint != fingerprint


def test_a_corrupt_image_in_a_shard_is_named(
    image_folder: Path, tmp_path: Path
) -> None:
    broken = image_folder / "train" / "dog" / "3.jpg"
    broken.write_bytes(broken.read_bytes()[:300])
    (image_folder / "train" / "dog" / "4.jpg").write_bytes(b"")
    shards = write_shards(image_folder, tmp_path / "shards")
    names = tuple(str(shards / f"train-000002.tar/dog_{n}.jpg") for n in (3,))
    empty = str(shards / "train-000003.tar/dog_4.jpg")

    data = load(str(shards), on_corrupt="skip")

    assert data.skipped == check(str(shards)).corrupt == (*names, empty)
    assert len(data.train) == 8
    with pytest.raises(DataError, match=r"tar/dog_\d\.jpg' cannot be decoded"):
        batches(load(str(shards)).train)


def cut(path: Path, keep: Callable[[bytes], int]) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: keep(content)])


CUTS = [
    lambda content: len(content) // 3,
    lambda content: 700,
    lambda content: 512,
    lambda content: 300,
    lambda content: 0,
    lambda content: len(content.rstrip(b"\0")) // 512 * 512 + 512,
]


@pytest.mark.parametrize("keep", CUTS)
def test_a_shard_that_is_cut_off_is_named(keep, shards: Path) -> None:
    cut(shards / "train-000001.tar", keep)

    # Nothing of it is used: whether one image is missing or a thousand is not known.
    with pytest.raises(DataError, match=r"train-000001\.tar' is cut off") as raised:
        load(str(shards))
    assert "\n" not in str(raised.value)


def add(path: Path, name: str, content: bytes) -> None:
    with tarfile.open(path, "a") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


class Opened:
    """A pickle that makes a file when it is opened."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.place,)  # type: ignore[return-value]


def test_a_pickle_is_never_opened(shards: Path, tmp_path: Path) -> None:
    trap = pickle.dumps(Opened(tmp_path / "sprung"))
    add(shards / "train-000000.tar", "z.pyd", trap)
    add(shards / "train-000000.tar", "z.jpg", b"")

    with pytest.raises(DataError, match=r"key 'z': it has no label.*are not opened"):
        load(str(shards))
    assert not (tmp_path / "sprung").exists()


BAD_MEMBERS = [
    ({"z.cls": b"0"}, r"has no image of the key 'z' \(it has cls\)"),
    ({"z.jpg": b"", "z.png": b"", "z.cls": b"0"}, "has 2 images of the key 'z'"),
    ({"z.jpg": b"", "z.JPG": b""}, r"has 'z\.jpg' twice"),
    ({"z.jpg": b"", "z.cls": b"2"}, "label 2 in train is none of the 2 classes"),
    ({"z.jpg": b"", "z.cls": b"-1"}, "label -1 in train is none of the 2 classes"),
    ({"z.jpg": b"", "z.cls": b"cow"}, "label 'cow' in train is none of the 2"),
    ({"z.jpg": b"", "z.cls": b"\xff"}, r"its \.cls is not UTF-8 text"),
    ({"z.jpg": b"", "z.cls": b""}, "its label is ''"),
    ({"z.jpg": b"", "z.json": b"{"}, "key 'z': it is not valid JSON"),
    ({"z.jpg": b"", "z.json": b"{}"}, "has no field label or cls"),
    ({"z.jpg": b"", "z.json": b'{"label": [1]}'}, r"its label is '\[1\]'"),
    ({"z.jpg": b"", "z.json": b'{"label": true}'}, "its label is 'True'"),
    ({"z.jpg": b"", "z.json": b'{"label": 1.5}'}, r"its label is '1\.5'"),
]


@pytest.mark.parametrize(("added", "message"), BAD_MEMBERS)
def test_a_bad_sample_is_named(added, message: str, shards: Path) -> None:
    (shards / "classes.txt").write_text("cat\ndog\n")
    for name, content in added.items():
        add(shards / "train-000003.tar", name, content)

    with pytest.raises(DataError, match=message) as raised:
        load(str(shards))
    assert str(shards) in str(raised.value)


def test_labels_are_those_of_train(image_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(image_folder / "test" / "dog", image_folder / "test" / "horse")
    shards = write_shards(image_folder, tmp_path / "shards")

    with pytest.raises(DataError, match="label 2 in test is none of the 2 classes"):
        load(str(shards))


@pytest.mark.parametrize("content", [b"no archive" * 99, b"\x1f\x8b" + bytes(2000)])
def test_what_is_no_archive_is_named(content: bytes, shards: Path) -> None:
    (shards / "train-000001.tar").write_bytes(content)

    with pytest.raises(DataError, match=r"000001\.tar' is no tar archive, or damaged"):
        load(str(shards))


LONG = "k" * 150 + "/" + "long" * 60 + ".jpg"


@pytest.mark.parametrize(
    "form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
)
def test_members_are_those_that_python_finds(form: int, tmp_path: Path) -> None:
    names = ["a.jpg", "d" * 90 + "/" + "b" * 90 + ".cls", "é.png"]
    names += [] if form == tarfile.USTAR_FORMAT else [LONG, "ü" * 200]
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=form) as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE):
            strange = tarfile.TarInfo(f"{kind.decode()}.jpg")
            strange.type, strange.linkname = kind, "/etc/passwd"
            archive.addfile(strange)
        for number, name in enumerate(names):
            member = tarfile.TarInfo(name)
            member.size = 300 * number
            archive.addfile(member, io.BytesIO(bytes(member.size)))

    found = [(each.name, each.offset, each.size) for each, _ in members(path)]

    # Of links and folders there is no member.
    with tarfile.open(path) as archive:
        expected = [m for m in archive.getmembers() if m.isreg()]
    assert found == [(each.name, each.offset_data, each.size) for each in expected]
    assert [name for name, _, _ in found] == names


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_archive_gives_no_other_error(
    data: st.DataObject, tmp_path_factory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = folder / "x.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("a.jpg", LONG):
            member = tarfile.TarInfo(name)
            member.size = 100
            archive.addfile(member, io.BytesIO(bytes(100)))
    content = bytearray(path.read_bytes()[:4096])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)

    found = []
    with suppress(DataError):
        found += members(path)

    # What a header claims lies inside of the file.
    assert all(each.offset + each.size <= len(content) for each, _ in found)
