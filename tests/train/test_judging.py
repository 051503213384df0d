"""What a trained network made of the images that judge it is kept beside its record."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photos import write_photos
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.data.split import hold_out, stratified_subset
from rexpand.models import build
from rexpand.recipe import RECIPES
from rexpand.records import Judgement, Record, judgement_of
from rexpand.spec import network
from rexpand.train import fitted, train
from rexpand.train.judging import judge, picture_of

RECIPE = RECIPES["digits"].with_epochs(2)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    return replace(digits, train=stratified_subset(digits.train, 500, seed=0))


@pytest.fixture(scope="module")
def trained(
    few: DataSet, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Record, Judgement]:
    folder = tmp_path_factory.mktemp("trained")
    record = train("search_18", RECIPE, few, folder=folder)
    judgement = judgement_of(folder)
    assert judgement is not None
    return record, judgement


def pixels_of(picture: str) -> np.ndarray:
    file = io.BytesIO(base64.b64decode(picture.partition(",")[2]))
    return np.asarray(Image.open(file))


def test_the_matrix_counts_every_image_as_the_accuracy_does(trained) -> None:
    record, judgement = trained

    images = sum(each.images for each in judgement.confusions)
    wrong = sum(each.images for each in judgement.mistakes())

    assert images == record.evaluated_images
    assert 100 * (images - wrong) / images == pytest.approx(record.accuracy)
    assert judgement.class_names == tuple("0123456789")


def test_the_worst_images_come_first_with_what_the_network_saw(trained, few) -> None:
    _, judgement = trained
    _, held_out = hold_out(few.train, RECIPE.validation, seed=0)

    losses = [each.loss for each in judgement.worst]
    worst = judgement.worst[0]

    assert losses == sorted(losses, reverse=True)
    assert len(losses) == 24
    assert held_out.labels[worst.image] == worst.label
    # The picture has the bytes of the data set.
    image = [*held_out.stored_images()][worst.image]
    assert (pixels_of(worst.picture) == image.squeeze().numpy()).all()


def test_a_photo_is_named_and_kept_small(tmp_path: Path) -> None:
    write_photos(tmp_path, {"train": 2, "val": 2}, height=160, width=200)
    data = load(str(tmp_path), resolution=160)
    fresh = build(fitted(network("search_18"), data))

    found = judge(fresh, data.test, CPU, 2, data.class_names)

    assert len(found.worst) == len(data.test)
    for each in found.worst:
        assert each.name == data.test.images[each.image].name
        assert pixels_of(each.picture).shape == (112, 112, 3)
        assert len(each.picture) < 40_000
    assert found.class_names == data.class_names


def test_losses_that_are_no_numbers_are_the_worst(few: DataSet) -> None:
    broken = build(fitted(network("search_18"), few))
    torch.nn.init.constant_(broken.head.classifier.weight, torch.nan)

    found = judge(broken, few.test, CPU, 64)

    assert {each.loss for each in found.worst} == {float("inf")}


def test_of_channels_that_are_no_colours_the_first_is_shown(few: DataSet) -> None:
    pixels = torch.stack([torch.zeros(4, 4), torch.ones(4, 4)])
    contract = replace(few.contract, channels=2, mean=(0.5, 0.5), std=(1.0, 1.0))

    shown = pixels_of(picture_of(pixels, contract))

    assert shown.shape == (4, 4)
    assert set(shown.flat) == {128}
