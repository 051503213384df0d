"""Predictions drawn beside the truth, a picture for each image."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rexpand.data.detection import AnnotatedImage, DetectionSplit
from rexpand.data.detection.feeding import read_image
from rexpand.records import write_atomic
from rexpand.transfer.detection.drawing import (
    beside,
    marked,
    predicted_marks,
    truth_marks,
)
from rexpand.transfer.detection.prediction import Prediction

_LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An image that was drawn: its file, the picture, and how much is on it."""

    image: str
    picture: str
    instances: int
    predictions: int


def balanced_score(predictions: Sequence[Prediction], split: DetectionSplit) -> float:
    """The score from which on there are as many predictions as objects.

    There precision equals recall, if the same predictions and objects are counted. It is
    the lowest score where there are fewer predictions, and 1 without any of either.
    """
    scores = np.sort(np.concatenate([each.scores for each in predictions]))[::-1]
    wanted = scores[: split.instances]
    return float(wanted[-1]) if len(wanted) else 1.0


def show(
    predictions: Sequence[Prediction],
    split: DetectionSplit,
    folder: str | Path,
    *,
    score: float,
) -> tuple[Shown, ...]:
    """Draw every image of a split with its truth and with its predictions from a score on.

    The pictures are JPEG files in `folder`, named by their number and the image's file.
    Raises OutputError for a place that cannot be written.
    """
    found = []
    pairs = zip(split.images, predictions, strict=True)
    for number, (image, prediction) in enumerate(pairs, start=1):
        name = f"{number:03}-{Path(image.file).stem[:_LONGEST_NAME]}.jpg"
        shown = prediction.from_score(score)
        sheet = _sheet(image, shown, split, score)
        write_atomic(Path(folder, name), sheet)
        found.append(
            Shown(
                image=image.file,
                picture=str(Path(folder, name)),
                instances=sum(not each.is_crowd for each in image.instances),
                predictions=len(shown),
            )
        )
    return tuple(found)


def _sheet(
    image: AnnotatedImage, prediction: Prediction, split: DetectionSplit, score: float
) -> bytes:
    picture = read_image(image)
    truth = marked(picture, truth_marks(image, split.class_names))
    found = marked(picture, predicted_marks(prediction, split.class_names))
    sheet = beside(
        (
            (f"Truth: {len(image.instances)}", truth),
            (f"Predictions from a score of {score:.2f}: {len(prediction)}", found),
        )
    )
    file = io.BytesIO()
    sheet.save(file, "jpeg", quality=90)
    return file.getvalue()
