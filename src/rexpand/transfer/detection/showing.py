"""Predictions drawn beside the truth, a picture for each image."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

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
from rexpand.transfer.detection.predictions import predictions_of

_LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An image that was drawn: its file, the picture, and what is on it.

    `predictions` are those that are drawn, `highest_score` that of all; None without any.
    """

    image: str
    picture: str
    instances: int
    predictions: int
    highest_score: float | None


def show(
    detector: nn.Module,
    split: DetectionSplit,
    folder: str | Path,
    *,
    score: float = 0.5,
    progress: Callable[[int], object] | None = None,
) -> tuple[Shown, ...]:
    """Draw every image of a split with its truth and with the predictions from a score on.

    The pictures are JPEG files in `folder`, named by their number and the image's file.
    Raises as `predictions_of` does, and OutputError for a place that cannot be written.
    """
    found = []
    for number, image in enumerate(split.images, start=1):
        (prediction,) = predictions_of(detector, split.subset([number - 1]))
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
                highest_score=float(prediction.scores.max())
                if len(prediction)
                else None,
            )
        )
        if progress is not None:
            progress(1)
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
