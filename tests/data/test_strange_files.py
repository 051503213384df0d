"""Data from strangers: what is no image, claims too much, or is of another kind."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from rexpand.data import load
from rexpand.data.check import check
from rexpand.data.decoding import decode
from rexpand.data.files import list_images
from rexpand.data.images import ImageFile
from rexpand.data.labelled import load_labelled
from rexpand.errors import DataError

Save = Callable[..., Path]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def dead_link(path: Path) -> None:
    path.symlink_to("nowhere.jpg")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


NO_FILES = [fifo, device, dead_link, loop, bound_socket]


@pytest.mark.parametrize("make", NO_FILES)
def test_what_is_no_file_is_no_image(make, image_folder: Path) -> None:
    strange = image_folder / "train" / "cat" / "x.jpg"
    make(strange)

    report = check(str(image_folder))
    data = load(str(image_folder), on_corrupt="skip")

    # Nothing waits for a pipe; it is left out, and named.
    assert report.train_images == len(data.train) == 10
    assert report.corrupt == data.skipped == ()
    assert report.no_files == data.no_files == (str(strange),)


@pytest.mark.parametrize("make", NO_FILES)
def test_what_is_no_file_is_not_opened_either(make, tmp_path: Path) -> None:
    make(tmp_path / "x.jpg")

    # `predict` is given files by their names.
    with pytest.raises(DataError, match=r"x\.jpg"):
        decode(ImageFile(str(tmp_path / "x.jpg")))


def test_a_folder_with_the_name_of_an_image_is_a_folder(image_folder: Path) -> None:
    inner = image_folder / "train" / "cat" / "x.jpg"
    inner.mkdir()
    Image.new("RGB", (4, 4)).save(inner / "y.jpg")

    listing = list_images(image_folder / "train" / "cat")

    assert str(inner / "y.jpg") in listing.images
    assert (len(listing.images), listing.no_files) == (6, ())


def test_links_to_images_are_images(image_folder: Path) -> None:
    link = image_folder / "train" / "cat" / "link.jpg"
    link.symlink_to(image_folder / "train" / "dog" / "0.jpg")

    assert str(link) in list_images(link.parent).images


def test_names_in_another_encoding_are_read(image_folder: Path) -> None:
    folder = image_folder / "train" / "cat"
    (folder / "0.jpg").rename(os.fsdecode(os.fsencode(folder) + b"/\xff.jpg"))

    data = load(str(image_folder))

    assert len(data.train) == 10
    assert len(data.fingerprint) == 32


@pytest.mark.parametrize("name", ["x" * 10_000, "a\0b", "x" * 300 + ".npz"])
def test_a_name_that_no_file_can_have_is_a_mistake(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="data set"):
        load(name, root=tmp_path)


def png(width: int, height: int) -> bytes:
    """A PNG that claims a size, with the pixels of one line."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + checksum.to_bytes(4)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    )


@pytest.mark.parametrize("size", [(10_000, 9_000), (20_000, 20_000), (2**31 - 1,) * 2])
def test_a_bomb_is_refused_by_its_header(size, image_folder: Path) -> None:
    bomb = image_folder / "train" / "cat" / "bomb.png"
    bomb.write_bytes(png(*size))

    # Above Pillow's limit, where it only warns up to twice as much.
    with pytest.raises(
        DataError, match=f"{size[0]}x{size[1]} pixels|cannot be decoded"
    ):
        decode(ImageFile(str(bomb)))
    assert check(str(image_folder)).corrupt == (str(bomb),)


RED = (200, 10, 30)


def stored(mode: str) -> Image.Image:
    if mode == "I;16":
        return Image.fromarray(np.full((8, 8), 200 * 256, np.uint16))
    image = Image.new("RGB", (8, 8), RED)
    if mode == "P":
        image = image.quantize(4)
        image.info["transparency"] = bytes([128, 255, 255, 255])
        return image
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "suffix", "pixel"),
    [
        ("RGB", ".png", RED),
        ("RGBA", ".png", RED),
        ("P", ".png", RED),
        ("L", ".png", (69, 69, 69)),
        ("LA", ".png", (69, 69, 69)),
        ("1", ".png", None),
        ("I;16", ".png", (200, 200, 200)),
        ("CMYK", ".jpg", None),
    ],
)
def test_other_colours_become_rgb(mode, suffix, pixel, tmp_path: Path) -> None:
    stored(mode).save(tmp_path / f"x{suffix}")

    found = decode(ImageFile(str(tmp_path / f"x{suffix}"))).rgb

    # Without a warning, which would fail this test.
    assert (found.mode, found.size) == ("RGB", (8, 8))
    if pixel:
        assert found.getpixel((0, 0)) == pixel


def test_a_check_says_once_what_is_converted(image_folder: Path) -> None:
    for number in range(2):
        stored("L").save(image_folder / "train" / "cat" / f"grey{number}.png")
    stored("RGBA").save(image_folder / "test" / "cat" / "clear.png")

    assert check(str(image_folder)).converted == {"L": 2, "RGBA": 1}


def test_a_format_that_starts_a_program_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    )

    with pytest.raises(DataError, match="no image"):
        decode(ImageFile(str(path)))


def test_another_format_under_the_name_is_decoded(tmp_path: Path) -> None:
    stored("RGB").save(tmp_path / "x.webp", lossless=True)
    (tmp_path / "x.webp").rename(tmp_path / "x.jpg")

    assert decode(ImageFile(str(tmp_path / "x.jpg"))).rgb.getpixel((0, 0)) == RED


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(f"{name}.npy", content)
    return path


def header(shape: tuple[int, ...], kind: str = "|u1") -> bytes:
    stream = BytesIO()
    fields = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_2_0(stream, fields)
    return stream.getvalue()


CLAIMS = [
    (
        header((10**9, 224, 224, 3)) + bytes(99),
        "train_images.npy claims 150,528,000,000,000",
    ),
    (header((10**40,)), "claims 1"),
    (header((-1, 8, 8, 3)), r"shape \(-1, 8, 8, 3\)"),
    (header((10**12,), "<U0"), "shape"),
    (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31), "cannot be read"),
    (b"\x93NUMPY\x02\x00\x00\x20\x00\x00" + b"(" * 8192, "cannot be read"),
    (b"", "cannot be read"),
]


@pytest.mark.parametrize(("member", "said"), CLAIMS)
def test_an_array_that_claims_too_much_is_refused(member, said, tmp_path: Path) -> None:
    path = archive(tmp_path / "big.npz", train_images=member)

    with pytest.raises(DataError, match=said) as raised:
        load(str(path))
    assert "big.npz" in str(raised.value)


def test_arrays_larger_than_memory_are_refused(tmp_path: Path, monkeypatch) -> None:
    # 16 MB in 16 kB: a machine that has a tenth of that refuses it by the header.
    path = archive(tmp_path / "bomb.npz", train_images=header((2**24,)) + bytes(2**24))
    monkeypatch.setattr("rexpand.documents.arrays.usable_memory", lambda: 2**20)

    with pytest.raises(DataError, match=r"arrays take 0\.0 GB, and there are"):
        load(str(path))


def test_a_million_names_of_nothing_are_refused(save_npz: Save) -> None:
    path = save_npz(class_names=np.zeros(1_000_001, np.uint8))

    with pytest.raises(DataError, match="save one name per class"):
        load(str(path))


def test_classes_of_one_name_are_refused(save_npz: Save) -> None:
    path = save_npz(class_names=np.array(["cat", "cat"]))

    with pytest.raises(DataError, match="2 classes of the name 'cat'"):
        load(str(path))


def test_a_label_beyond_int64_is_named(save_npz: Save) -> None:
    path = save_npz(train_labels=np.array([0, 2**64 - 1] * 3, np.uint64))

    with pytest.raises(DataError, match="label 18446744073709551615 in train"):
        load(str(path))


@pytest.mark.parametrize("name", ["c\x1b[31m", "x" * 200, "\udcff"])
def test_a_class_folder_has_a_printable_name(name: str, image_folder: Path) -> None:
    (image_folder / "test").rename(image_folder / "val")
    shutil.rmtree(image_folder / "train")
    (image_folder / "val" / "cat").rename(image_folder / "val" / name)

    with pytest.raises(DataError, match="class folder in") as raised:
        load_labelled(str(image_folder))
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("make", [fifo, device])
def test_a_cifar_archive_that_is_no_file_is_refused(make, tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    make(folder / "data_batch_1")

    with pytest.raises(DataError, match="no regular file"):
        load("cifar10", root=tmp_path)


def test_a_cifar_file_of_a_terabyte_is_refused_unread(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    with (folder / "data_batch_1").open("wb") as file:
        file.truncate(2**40)  # a hole, which takes no disk

    with pytest.raises(DataError, match="larger than 256 MiB"):
        load("cifar10", root=tmp_path)


def test_a_folder_that_may_not_be_read_is_named(image_folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (image_folder / "train" / "cat").chmod(0)

    with pytest.raises(DataError, match="train/cat' cannot be read: Permission denied"):
        load(str(image_folder))


def test_a_data_set_is_one_line(image_folder: Path) -> None:
    data = load(str(image_folder), resolution=64)

    assert repr(data) == (
        "DataSet('pets': 10 train and 4 test images of 2 classes, 3x64x64)"
    )
    assert "\n" not in repr(data.train)


def test_load_is_a_name_of_the_package_whatever_came_first() -> None:
    program = (
        "import rexpand.data, rexpand.data.load, rexpand.data.check\n"
        "from rexpand.data import load\n"
        "assert rexpand.data.load('digits').name == load('digits').name == 'digits'"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_folder_with_val_alone_can_be_checked(image_folder: Path) -> None:
    (image_folder / "test").rename(image_folder / "val")
    shutil.rmtree(image_folder / "train")

    report = check(str(image_folder))

    # As it can be evaluated on; the mean is that of the images that are there.
    assert (report.train_images, report.test_images, report.classes) == (0, 4, 2)
    assert all(0.3 < mean < 0.7 for mean in report.mean)


@pytest.fixture
def killed(image_folder: Path, tmp_path: Path) -> int:
    """A process that decodes, killed by SIGKILL in the middle of an epoch."""
    program = (
        "import sys, torch; from rexpand.data import load\n"
        f"data = load({str(image_folder)!r})\n"
        "batches = data.train.batches(batch_size=2, device=torch.device('cpu'),"
        " seed=0, augmentation=None)\n"
        "next(batches); print('begun', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    assert not children.exists() or children.read_text() == ""
    process.kill()
    process.wait()
    assert process.stdin
    process.stdin.close()
    process.stdout.close()
    return process.pid


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_nothing_outlives_a_killed_reader(killed: int) -> None:
    # Images are decoded by threads, which end with their process: none of its session.
    sessions = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            sessions.append(int(fields[3]))
    assert killed not in sessions


def test_decoding_leaves_the_generator_alone(image_folder: Path) -> None:
    state = torch.get_rng_state()

    decode(ImageFile(str(image_folder / "train" / "cat" / "0.jpg")))

    assert torch.equal(torch.get_rng_state(), state)
