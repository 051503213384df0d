import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from rexpand.data.arrays import read_npz
from rexpand.data.load import load
from rexpand.errors import DataError
from rexpand.recipe import Augmentation

Save = Callable[..., Path]


def test_an_npz_comes_back_as_it_was_saved(save_npz: Save) -> None:
    path = save_npz(class_names=np.array(["cat", "dog"]))

    data = load(str(path))
    batches = data.test.batches(
        batch_size=4, device=torch.device("cpu"), seed=None, augmentation=None
    )
    [(images, labels)] = batches

    # Undoing the normalisation gives the bytes of the file.
    normalisation = data.test.normalisation
    mean, std = torch.tensor(normalisation.mean), torch.tensor(normalisation.std)
    restored = (images.permute(0, 2, 3, 1) * std + mean) * 255
    saved = np.load(path)
    assert np.array_equal(restored.round().to(torch.uint8), saved["test_images"])
    assert labels.tolist() == saved["test_labels"].tolist()
    assert (data.name, data.class_names) == ("tiny", ("cat", "dog"))
    assert (data.resolution, data.in_channels, data.num_classes) == (8, 3, 2)
    assert data.default_augmentation == Augmentation(crop_padding=1)


def test_an_npz_is_found_by_name_under_the_root(save_npz: Save) -> None:
    path = save_npz()

    # The name is the file's without its suffix.
    assert load("tiny", root=path.parent).name == "tiny"


def test_medmnist_files_are_read(save_npz: Save) -> None:
    path = save_npz(
        train_images=np.arange(6 * 64, dtype=np.uint16).reshape(6, 8, 8).astype("u1"),
        train_labels=np.array([[0], [1], [0], [1], [0], [1]], dtype=np.uint8),
        test_images=np.zeros((4, 8, 8), dtype=np.uint8),
        test_labels=np.array([[0], [1], [1], [0]], dtype=np.uint8),
        val_images=np.zeros((4, 8, 8), dtype=np.uint8),
    )

    data = load(str(path))

    # Grey images without a channel axis, labels (images, 1), val_images beside.
    assert data.in_channels == 1
    assert data.train.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert data.class_names == ("0", "1")


@pytest.mark.parametrize("kept", [0, 10, 200, 0.5, 0.99])
def test_a_truncated_npz_is_named(save_npz: Save, kept: float) -> None:
    path = save_npz()
    content = path.read_bytes()
    size = int(kept * len(content)) if isinstance(kept, float) else kept
    path.write_bytes(content[:size])

    # One line that names the file, wherever it was cut.
    with pytest.raises(DataError, match=r"tiny\.npz cannot be read .*copy it again"):
        load(str(path))


def test_an_npz_with_a_flipped_byte_is_named(save_npz: Save) -> None:
    path = save_npz()
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(bytes(content))

    # The archive's checksum catches it.
    with pytest.raises(DataError, match="cannot be read"):
        load(str(path))


def test_no_flipped_byte_gives_another_error_than_ours(save_npz: Save) -> None:
    path = save_npz()
    content = path.read_bytes()

    # A byte that matters is a DataError; one that does not (a date) changes nothing.
    for place in range(0, len(content), 5):
        flipped = bytes([content[place] ^ 0xFF])
        path.write_bytes(content[:place] + flipped + content[place + 1 :])
        with contextlib.suppress(DataError):
            read_npz(path)


def test_a_single_array_is_no_npz(tmp_path: Path) -> None:
    path = tmp_path / "array.npz"
    with path.open("wb") as stream:
        np.save(stream, np.zeros(3))

    # numpy opens it, and gives something else.
    with pytest.raises(DataError, match=r"array\.npz cannot be read"):
        load(str(path))


class Tripwire:
    """A pickle of it creates a file when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_an_npz_with_a_pickle_is_refused_and_not_opened(
    save_npz: Save, tmp_path: Path
) -> None:
    trap = np.array([Tripwire(tmp_path / "sprung")], dtype=object)
    path = save_npz(class_names=trap)

    with pytest.raises(DataError, match=r"holds Python objects"):
        load(str(path))

    # Opening a pickle runs its author's code.
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"test_labels": None}, "has no test_labels; it must hold"),
        ({"train_images": np.zeros((6, 8, 8, 3))}, "float64 .* save square images"),
        ({"train_images": np.zeros((6, 8, 9, 3), np.uint8)}, "save square images"),
        ({"train_images": np.zeros((6, 8, 8, 4), np.uint8)}, "save square images"),
        ({"test_images": np.zeros((3, 8, 8, 3), np.uint8)}, "3 test_images have 4"),
        ({"test_images": np.zeros((4, 9, 9, 3), np.uint8)}, "save them at one size"),
        ({"train_labels": np.zeros((6, 14), int)}, "one class number for each"),
        ({"train_labels": np.zeros(6)}, "one class number for each"),
        ({"train_labels": np.array([], int)}, "one class number for each"),
        ({"train_labels": np.zeros(6, int)}, "has the one class '0'"),
        ({"train_labels": np.array([0, 2] * 3)}, "no train image of class 1"),
        ({"train_labels": np.array([-1, 1] * 3)}, "label -1 in train"),
        ({"test_labels": np.array([0, 1, 1, 2])}, "label 2 in test is none of the 2"),
        ({"train_labels": np.full(6, -1)}, "label -1 in train"),
        ({"train_labels": np.array([0, 2**40] * 3)}, "label 1099511627776 in train"),
        ({"class_names": np.array(["a", "b", "c"])}, "no train image of class 2"),
        ({"class_names": np.array("ab")}, "save one name per class"),
        ({"class_names": np.array([], "U1")}, "save one name per class"),
    ],
)
def test_arrays_that_are_no_data_set_are_refused(
    save_npz: Save, replaced: dict[str, object], message: str
) -> None:
    path = save_npz(**replaced)

    # The message names the file and the value.
    with pytest.raises(DataError, match=message) as raised:
        load(str(path))
    assert "tiny.npz" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31ma", "", "x" * 10_000, " "])
def test_a_class_has_a_short_printable_name(name: str, save_npz: Save) -> None:
    path = save_npz(class_names=np.array(["cat", name]))

    # It is printed, drawn and written to checkpoints.
    with pytest.raises(DataError, match=r"class of .*: is .*; give") as refused:
        read_npz(path)
    assert str(refused.value).isprintable()
