"""Splits and predictions that nothing has to be trained for.

Predictions are the truth, moved, renamed, doubled and left out at random by a seed.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor, nn

from rexpand.data.detection import (
    AnnotatedImage,
    DetectionSplit,
    Instance,
    Polygons,
    RunLengths,
)
from rexpand.data.detection.masks import mask_pixels
from rexpand.transfer.detection.coco import encoded
from rexpand.transfer.detection.prediction import Prediction

NAMES = ("square", "disc", "bar", "never seen")
GROUND = torch.tensor([230, 228, 222]) / 255
COLORS = ((200, 60, 40), (40, 120, 200), (60, 160, 90))


class Contrast(nn.Module):
    """Finds one thing in an image: whatever is not of the ground's colour."""

    def __init__(self, *, has_masks: bool) -> None:
        super().__init__()
        self.score = nn.Parameter(torch.tensor(0.75))
        self.has_masks = has_masks

    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        assert not self.training
        return [self._found(image) for image in images]

    def _found(self, image: Tensor) -> dict[str, Tensor]:
        inside = ((image - GROUND[:, None, None]).abs() > 0.01).any(0)
        rows, columns = (inside.any(axis).nonzero().flatten() for axis in (1, 0))
        count = min(1, len(rows))
        box = [torch.stack([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])][
            :count
        ]
        found = {
            "boxes": torch.stack(box).float() if count else torch.zeros(0, 4),
            "labels": torch.full((count,), 3),
            "scores": self.score.expand(count),
        }
        if self.has_masks:
            found["masks"] = (inside * 0.9)[None, None].expand(count, -1, -1, -1)
        return found


def made_up_split(folder: Path, images: int = 24, seed: int = 0) -> DetectionSplit:
    """Flat shapes of three of four classes, with masks of both kinds, a crowd in a few.

    Some images hold nothing. Sizes of shapes are small, medium and large.
    """
    rng = np.random.default_rng(seed)
    found = []
    for number in range(images):
        width, height = int(rng.integers(150, 260)), int(rng.integers(150, 260))
        picture = Image.new("RGB", (width, height), (230, 228, 222))
        shapes = rng.integers(0, 6) if number else 4
        instances = tuple(_shape(rng, width, height) for _ in range(shapes))
        for each in instances:
            ImageDraw.Draw(picture).polygon(
                _corners(each.box), fill=COLORS[each.category]
            )
        if number % 5 == 2:
            instances = (*instances, _crowd(rng, width, height))
        file = folder / f"{number:03}.png"
        picture.save(file)
        found.append(
            AnnotatedImage(
                file=str(file),
                image_id=1000 - 7 * number,  # in another order than the images
                height=height,
                width=width,
                instances=instances,
            )
        )
    return DetectionSplit(
        class_names=NAMES, category_ids=(1, 2, 5, 9), images=tuple(found)
    )


def jittered(
    split: DetectionSplit, seed: int = 0, *, masks: bool = True, noise: float = 0.12
) -> tuple[Prediction, ...]:
    """Predictions like those of a fair detector; scores have two digits, so that many are equal."""
    rng = np.random.default_rng(seed)
    return tuple(_jittered(image, split, rng, masks, noise) for image in split.images)


def exact(split: DetectionSplit, *, masks: bool = True) -> tuple[Prediction, ...]:
    """The truth itself, without crowds, each with a score of 1."""
    found = []
    for image in split.images:
        kept = [each for each in image.instances if not each.is_crowd]
        boxes = np.array([each.box for each in kept], np.float64).reshape(-1, 4)
        pixels = [mask_pixels(e.mask, image.height, image.width) for e in kept if masks]
        found.append(
            Prediction(
                image_id=image.image_id,
                boxes=boxes,
                labels=np.array([each.category for each in kept], np.int64),
                scores=np.ones(len(kept)),
                masks=_encoded(pixels, image) if masks else None,
            )
        )
    return tuple(found)


def without_masks(split: DetectionSplit) -> DetectionSplit:
    images = tuple(
        replace(
            image, instances=tuple(replace(each, mask=None) for each in image.instances)
        )
        for image in split.images
    )
    return replace(split, images=images)


def _jittered(
    image: AnnotatedImage,
    split: DetectionSplit,
    rng: np.random.Generator,
    with_masks: bool,
    noise: float,
) -> Prediction:
    boxes, labels, pixels = [], [], []
    for each in image.instances:
        for _ in range(rng.integers(0, 4)):
            low, high = np.array(each.box[:2]), np.array(each.box[2:])
            moved = rng.normal(0, noise, 4) * np.tile(high - low, 2)
            corners = np.array(each.box) + moved
            boxes.append([*np.minimum(corners[:2], corners[2:] - 1), *corners[2:]])
            is_renamed = rng.random() < 0.2
            labels.append(
                int(rng.integers(len(split.class_names)))
                if is_renamed
                else each.category
            )
            if with_masks:
                inside = mask_pixels(each.mask, image.height, image.width)
                shift = moved[:2].astype(int)
                pixels.append(np.roll(inside, (shift[1], shift[0]), (0, 1)))
    return Prediction(
        image_id=image.image_id,
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        labels=np.array(labels, np.int64),
        scores=rng.random(len(boxes)).round(2),
        masks=_encoded(pixels, image) if with_masks else None,
    )


def _encoded(pixels: list[NDArray[np.uint8]], image: AnnotatedImage):
    shape = (len(pixels), image.height, image.width)
    return encoded(np.array(pixels, bool).reshape(shape))


def _shape(rng: np.random.Generator, width: int, height: int) -> Instance:
    side = rng.choice([14, 40, 110], 2) * rng.uniform(0.8, 1.2, 2)
    low = rng.uniform(0, 1, 2) * (np.array([width, height]) - side - 1)
    box = tuple(np.concatenate([low, low + side]).round(1).tolist())
    return Instance(
        category=int(rng.integers(3)),
        box=box,
        area=float(side[0] * side[1]),
        mask=Polygons(outlines=(tuple(np.array(_corners(box)).ravel().tolist()),)),
    )


def _crowd(rng: np.random.Generator, width: int, height: int) -> Instance:
    """Columns of the image from 10 to 60, in run lengths."""
    counts = (10 * height, 50 * height, (width - 60) * height)
    return Instance(
        category=int(rng.integers(3)),
        box=(10.0, 0.0, 60.0, float(height)),
        area=50.0 * height,
        is_crowd=True,
        mask=RunLengths(height=height, width=width, counts=counts),
    )


def _corners(box: tuple[float, ...]) -> list[tuple[float, float]]:
    x_min, y_min, x_max, y_max = box
    return [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max)]
