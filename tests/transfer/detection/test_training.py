"""Detectors are trained, stopped, gone on with, and kept."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rexpand.data.detection import DetectionData
from rexpand.errors import CheckpointError, DataError, DivergedError, StudyError
from rexpand.models.checkpoint import to_bytes
from rexpand.recipe import EMA, DetectionAugmentation, DetectionRecipe
from rexpand.records import DetectionRecord, read_record
from rexpand.train import Interval, Silence
from rexpand.transfer.detection import (
    load_detector,
    predictions_of,
    read_detector,
    scores_of,
    ssdlite,
    train_detector,
)
from shapes import SHORT, SPEC, shapes, small_detector

AVERAGED = replace(
    SHORT, averaging=EMA(decay=0.9), augmentation=DetectionAugmentation(flip=True)
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DetectionData:
    return shapes(tmp_path_factory.mktemp("data") / "shapes")


def trained(
    name: str,
    data: DetectionData,
    folder: Path,
    recipe: DetectionRecipe = SHORT,
    progress: Silence | None = None,
) -> DetectionRecord:
    torch.manual_seed(0)
    return train_detector(
        small_detector(name),
        data,
        recipe,
        folder=folder,
        progress=progress,
        checkpoint_every=Interval(steps=1),
    )


@dataclass
class StopAfter(Silence):
    """Stops the training after so many steps, as Ctrl-C does."""

    steps: int

    def advance(self, images: int) -> None:
        self.steps -= 1
        if not self.steps:
            raise KeyboardInterrupt


def test_a_training_leaves_the_detector_and_its_record(
    data: DetectionData, tmp_path: Path
) -> None:
    record = trained("mask_rcnn", data, tmp_path)

    assert read_record(DetectionRecord, tmp_path / "record.json") == record
    assert read_detector(tmp_path).class_names == ("box", "disc")
    # The states are gone: the record is written.
    assert not [*tmp_path.glob("state*")]
    assert [epoch.epoch for epoch in record.epochs] == [0, 1]
    assert record.epochs[-1].loss == pytest.approx(
        sum(record.epochs[-1].parts.values())
    )
    assert record.epochs[-1].mask_ap == record.scores.mask_ap


def test_the_detector_that_is_read_finds_what_the_trained_one_found(
    data: DetectionData, tmp_path: Path
) -> None:
    record = trained("ssdlite", data, tmp_path, AVERAGED)

    found = predictions_of(load_detector(tmp_path), data.held_out, batch_size=4)

    assert scores_of(found, data.held_out) == record.scores
    assert record.scores.predictions > 0


@pytest.mark.kernels
@pytest.mark.parametrize("name", ["ssdlite", "mask_rcnn"])
def test_a_training_that_is_stopped_inside_its_epochs_gives_the_same_bits(
    name: str, data: DetectionData, tmp_path: Path
) -> None:
    trained(name, data, tmp_path / "whole", AVERAGED)
    stops = 0
    while not (tmp_path / "stopped/record.json").exists():
        try:
            trained(name, data, tmp_path / "stopped", AVERAGED, StopAfter(2))
        except KeyboardInterrupt:
            stops += 1

    # Of two steps the second is not kept: its stop comes first.
    assert stops == 3
    whole, stopped = (
        tmp_path / run / "detector.safetensors" for run in ("whole", "stopped")
    )
    assert stopped.read_bytes() == whole.read_bytes()


def test_a_training_that_is_over_is_not_trained_again(
    data: DetectionData, tmp_path: Path
) -> None:
    first = trained("ssdlite", data, tmp_path)

    again = trained("ssdlite", data, tmp_path, progress=StopAfter(1))

    assert again == first


def test_a_folder_of_another_training_is_refused(
    data: DetectionData, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained("ssdlite", data, tmp_path, progress=StopAfter(1))

    with pytest.raises(StudyError, match=r"recipe\.epochs is 2, asked for 3"):
        trained("ssdlite", data, tmp_path, replace(SHORT, epochs=3))


@pytest.mark.parametrize("name", ["ssdlite", "faster_rcnn"])
def test_a_loss_that_is_not_finite_ends_the_training(
    name: str, data: DetectionData, tmp_path: Path
) -> None:
    detector = small_detector(name)
    with torch.no_grad():
        next(detector.parameters()).fill_(float("nan"))

    with pytest.raises(DivergedError, match=r"is nan in epoch 1, step 1; lower"):
        train_detector(detector, data, SHORT, folder=tmp_path)

    # No step could go on from such weights.
    assert not [*tmp_path.glob("state*")]


def test_masks_that_are_not_there_are_a_mistake(
    data: DetectionData, tmp_path: Path
) -> None:
    image, *rest = data.train.images
    bare = tuple(replace(each, mask=None) for each in image.instances)
    images = (replace(image, instances=bare), *rest)
    without = replace(data, train=replace(data.train, images=images))

    with pytest.raises(DataError, match=r"not every object .* or faster_rcnn"):
        trained("mask_rcnn", without, tmp_path)


def test_a_network_for_grey_images_is_refused(
    data: DetectionData, tmp_path: Path
) -> None:
    grey = replace(SPEC, in_channels=1)

    with pytest.raises(
        DataError, match=r"takes images of 1 channels, .* in_channels=3"
    ):
        train_detector(
            ssdlite(grey, len(data.class_names), size=64),
            data,
            SHORT,
            folder=tmp_path / "grey",
        )


def test_images_without_objects_are_trained_on(
    data: DetectionData, tmp_path: Path
) -> None:
    images = tuple(replace(each, instances=()) for each in data.train.images[:6])
    few = replace(data.train, images=(*images, *data.train.images[6:]))

    record = trained("mask_rcnn", replace(data, train=few), tmp_path)

    assert np.isfinite(record.epochs[-1].loss)


def test_a_cut_off_file_and_another_one_are_mistakes(
    data: DetectionData, tmp_path: Path
) -> None:
    trained("ssdlite", data, tmp_path, replace(SHORT, epochs=1))
    whole = (tmp_path / "detector.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-9])
    (tmp_path / "other.safetensors").write_bytes(to_bytes({"a": torch.zeros(1)}, {}))

    with pytest.raises(CheckpointError, match=r"cut\.safetensors"):
        load_detector(tmp_path / "cut.safetensors")
    with pytest.raises(CheckpointError, match="holds no detector"):
        load_detector(tmp_path / "other.safetensors")
