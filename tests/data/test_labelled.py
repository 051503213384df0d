"""Images to judge a network by: where they lie, how they are fed, which class is which."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import interpolate

from rexpand.data.labelled import load_labelled
from rexpand.data.load import load
from rexpand.errors import DataError
from rexpand.spec import ImageContract

CPU = torch.device("cpu")
RGB = ImageContract(
    channels=3,
    height=8,
    width=8,
    mean=(0.5, 0.25, 0.0),
    std=(0.5, 0.5, 1.0),
    origin="checkpoint",
)


def first_batch(split):
    return next(
        iter(split.batches(batch_size=64, device=CPU, seed=None, augmentation=None))
    )


@pytest.mark.parametrize("part", ["val", "test"])
def test_a_folder_needs_no_training_images(part: str, image_folder: Path) -> None:
    shutil.rmtree(image_folder / "train")
    (image_folder / "test").rename(image_folder / part)

    found = load_labelled(str(image_folder))

    assert found.class_names == ("cat", "dog")
    assert found.split.labels.tolist() == [0, 0, 1, 1]


def test_a_data_set_is_judged_by_its_test_images() -> None:
    found = load_labelled("digits")

    assert len(found.split) == 360
    assert found.class_names == load("digits").class_names


def test_classes_are_matched_by_the_networks_names(image_folder: Path) -> None:
    images = load_labelled(str(image_folder))

    found = images.seen_by(replace(RGB, class_names=("dog", "bird", "cat")))

    # Labels are places among the network's outputs.
    assert found.split.labels.tolist() == [2, 2, 0, 0]
    assert (found.num_classes, found.classes_by) == (3, "names")


@pytest.mark.parametrize("names", [(), ("tench", "goldfish")])
def test_classes_of_no_known_name_go_by_their_order(names, image_folder: Path) -> None:
    found = load_labelled(str(image_folder)).seen_by(replace(RGB, class_names=names))

    assert found.split.labels.tolist() == [0, 0, 1, 1]
    assert found.classes_by == "order"


@pytest.mark.parametrize("names", [("cat", "bird"), ("tench", "ray", "goldfish")])
def test_a_class_that_the_network_lacks_is_named(names, image_folder: Path) -> None:
    images = load_labelled(str(image_folder))

    with pytest.raises(
        DataError, match=r"class '(dog|cat)' of pets is none of the net"
    ):
        images.seen_by(replace(RGB, class_names=names))


def test_files_are_normalised_as_the_contract_says(image_folder: Path) -> None:
    shutil.rmtree(image_folder / "train")
    Image.new("RGB", (20, 16), (255, 0, 51)).save(image_folder / "test/cat/0.png")

    pixels, _ = first_batch(load_labelled(str(image_folder)).seen_by(RGB).split)

    # (x / 255 - mean) / std of every pixel; files come by name, 0.jpg before 0.png.
    expected = torch.tensor([1.0, -0.5, 0.2])[:, None, None]
    assert torch.allclose(pixels[1], expected.expand(3, 8, 8), atol=1e-6)


def test_arrays_are_resized_and_cropped_as_the_contract_says(save_npz) -> None:
    path = save_npz()
    contract = replace(RGB, height=6, width=6, crop=0.75, interpolation="bicubic")
    stored = torch.from_numpy(np.load(path)["test_images"]).permute(0, 3, 1, 2) / 255

    pixels, _ = first_batch(load_labelled(str(path)).seen_by(contract).split)

    # The side is 6 / 0.75 = 8 already, and the middle 6 x 6 is cut out.
    mean, std = (torch.tensor(v)[:, None, None] for v in (RGB.mean, RGB.std))
    expected = ((stored - mean) / std)[:, :, 1:7, 1:7]
    assert torch.allclose(pixels, expected, atol=1e-6)


def test_the_interpolation_is_the_contracts(save_npz) -> None:
    path = save_npz()
    contract = replace(RGB, height=16, width=16, interpolation="bicubic")
    eight = first_batch(load_labelled(str(path)).seen_by(RGB).split)[0]

    pixels, _ = first_batch(load_labelled(str(path)).seen_by(contract).split)

    expected = interpolate(eight, size=(16, 16), mode="bicubic", antialias=True)
    assert torch.allclose(pixels, expected, atol=1e-5)


def test_what_nobody_describes_is_fed_as_the_data_is(save_npz) -> None:
    data = load(str(save_npz()))
    unknown = ImageContract(channels=3, height=224, width=224)

    found = load_labelled(str(save_npz())).seen_by(unknown)

    # The guess of 224 pixels gives way to the size that the images have.
    assert found.split.contract == data.test.contract
    assert found.split.contract.height == 8


def test_images_of_other_channels_are_refused() -> None:
    with pytest.raises(DataError, match="takes images of 3 channels, the data has 1"):
        load_labelled("digits").seen_by(RGB)


def test_the_contract_of_a_data_set_feeds_it_as_it_is(save_npz) -> None:
    data = load(str(save_npz()))

    again = data.seen_as(data.contract)

    # What is written into a checkpoint's header gives the same batches, to the bit.
    assert torch.equal(first_batch(again.test)[0], first_batch(data.test)[0])
    assert data.contract.class_names == ("0", "1")
