"""Small trainings of detectors in float64, alone and in two processes.

    python tests/exact_detection.py FOLDER

In float64 rounding stays far below whatever an image more or less would change.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from exact_training import in_float64
from rexpand.data.detection import DetectionData
from rexpand.data.detection.feeding import Target
from rexpand.recipe import EMA, SGD, Change, Constant, DetectionRecipe
from rexpand.records import DetectionRecord
from rexpand.transfer.detection import (
    Detector,
    DetectorAsked,
    detector_on,
    train_detector,
)
from shapes import CHANGES, SPEC, shapes

# Nine images in batches of 5 are 2 and 3 for two processes, and then 2 and 2; of the three
# that are held out one process judges two.
RECIPE = DetectionRecipe(
    epochs=2,
    batch_size=5,
    optimizer=SGD(learning_rate=0.01),
    schedule=Constant(warmup_epochs=0.5),
    averaging=EMA(decay=0.9),
)


@dataclass(frozen=True)
class Double:
    """A split whose images and boxes are float64."""

    split: Any

    def __len__(self) -> int:
        return len(self.split)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.split, name)

    def batches(
        self, **asked: Any
    ) -> Iterator[tuple[list[torch.Tensor], list[Target]]]:
        for images, targets in self.split.batches(**asked):
            wide = [{**each, "boxes": each["boxes"].double()} for each in targets]
            yield [image.double() for image in images], wide

    def subset(self, indices: Any) -> "Double":
        return Double(self.split.subset(indices))


def of_equal_images(folder: Path) -> DetectionData:
    """Every image of training has the objects of the first, whatever is seen in it."""
    data = shapes(folder, train=9)
    first, *_ = data.train.images
    images = (replace(each, instances=first.instances) for each in data.train.images)
    return replace(data, train=replace(data.train, images=tuple(images)))


def synchronised(folder: Path, *, parts: int) -> DetectionRecord:
    """SSDLite whose norms see all processes, however many `parts` they are.

    Its losses are per matched anchor: with equal images, per image.
    """
    data = of_equal_images(folder / "data")
    asked = DetectorAsked(
        detector="ssdlite",
        resolution=64,
        norm="sync",
        changes=_changes(*CHANGES["ssdlite"]),
    )
    return _trained(asked, data, RECIPE, folder)


def sampling_all(folder: Path, *, parts: int) -> DetectionRecord:
    """Mask R-CNN on images of 32 pixels, whose few anchors and proposals all count.

    Two processes with a slice each are one with two micro-batches.
    """
    data = shapes(folder / "data", train=8)
    widths = ("fpn_width=8", "box_width=16", "mask_width=8")
    counts = ("proposals=50", "sampled_proposals=512")
    asked = DetectorAsked(
        detector="mask_rcnn",
        resolution=32,
        levels=(8, 16),
        changes=_changes(*widths, *counts),
    )
    recipe = replace(RECIPE, batch_size=4, accumulation=2 // parts)
    return _trained(asked, data, recipe, folder)


TRAININGS = {"synchronised": synchronised, "sampling_all": sampling_all}


def _changes(*texts: str) -> list[Change]:
    return [Change.parse(text) for text in texts]


def _trained(
    asked: DetectorAsked, data: DetectionData, recipe: DetectionRecipe, folder: Path
) -> DetectionRecord:
    with in_float64():
        torch.manual_seed(0)
        return train_detector(
            _built(asked),
            replace(data, train=Double(data.train), held_out=Double(data.held_out)),
            recipe,
            folder=folder / "run",
        )


def _built(asked: DetectorAsked) -> Detector:
    return detector_on(SPEC, asked, 2)


if __name__ == "__main__":
    for name, training in TRAININGS.items():
        training(Path(sys.argv[1]) / name, parts=2)
