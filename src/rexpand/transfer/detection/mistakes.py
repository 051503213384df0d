"""The worst mistakes of a detector: what kind they are, and how they look."""

import base64
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from typing import get_args

import numpy as np

from rexpand.data.detection import AnnotatedImage, DetectionSplit
from rexpand.data.detection.feeding import read_image
from rexpand.records import (
    DetectionMistakes,
    DetectionScores,
    FalsePositive,
    KindCount,
    Miss,
    MistakeKind,
)
from rexpand.report.theme import LIGHT
from rexpand.transfer.detection.average_precision import paired
from rexpand.transfer.detection.drawing import Mark, cropped
from rexpand.transfer.detection.matching import NONE, OVERLAP, Matched, matched
from rexpand.transfer.detection.prediction import Prediction

_WORST = 24  # pictures of either sort: four rows of a page
_NEAR = 0.1  # overlap from which a box is a poor one of that instance (TIDE)
_SIDE = 224  # pixels of a picture
_PREDICTED, _TRUE = LIGHT.categories[0], LIGHT.categories[2]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Wrong:
    """A false positive: the place of its prediction, and of the instance that explains it."""

    match: Matched
    place: int
    kind: MistakeKind
    instance: int | None

    @property
    def score(self) -> float:
        return float(self.match.prediction.scores[self.place])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Missed:
    """An instance that nothing of its class finds, by its place."""

    match: Matched
    place: int

    @property
    def area(self) -> float:
        return float(self.match.instances[self.place].area)


def mistakes_of(
    predictions: Sequence[Prediction], split: DetectionSplit, scores: DetectionScores
) -> DetectionMistakes:
    """The mistakes from the operating score of `scores` on, the worst with pictures.

    Without an operating point, where nothing is found, every prediction counts. Raises
    DataError as `scores_of` does, and for an image that cannot be read any more.
    """
    score = scores.operating.score if scores.operating else 0.0
    pairs = paired(predictions, split)
    matches = [matched(found, image).from_score(score) for image, found in pairs]
    wrong = [each for match in matches for each in _false_positives(match)]
    missed = [each for match in matches for each in _missed(match)]
    counts = Counter(each.kind for each in wrong)
    worst = nlargest(_WORST, wrong, key=lambda each: each.score)
    largest = nlargest(_WORST, missed, key=lambda each: each.area)
    return DetectionMistakes(
        class_names=tuple(split.class_names),
        score=score,
        kinds=tuple(
            KindCount(kind=kind, count=counts[kind]) for kind in get_args(MistakeKind)
        ),
        missed=len(missed),
        false_positives=tuple(map(_false_positive, worst)),
        misses=tuple(map(_miss, largest)),
    )


def _false_positives(match: Matched) -> Iterator[_Wrong]:
    categories = match.categories
    for place in np.flatnonzero(match.is_wrong).tolist():
        overlaps = match.overlaps[place]
        is_same = categories == match.prediction.labels[place]
        same = np.where(is_same, overlaps, 0.0)
        other = np.where(is_same, 0.0, overlaps)
        kind: MistakeKind
        instance: int | None
        if (same >= OVERLAP).any():  # else it would have found it
            kind, instance = "duplicate", int(same.argmax())
        elif (other >= OVERLAP).any():
            kind, instance = "class", int(other.argmax())
        elif (same >= _NEAR).any():
            kind, instance = "localisation", int(same.argmax())
        else:
            kind, instance = "background", None
        yield _Wrong(match=match, place=place, kind=kind, instance=instance)


def _missed(match: Matched) -> Iterator[_Missed]:
    found = set(match.found[match.found != NONE].tolist())
    for place in range(len(match.instances)):
        if place not in found:
            yield _Missed(match=match, place=place)


def _false_positive(wrong: _Wrong) -> FalsePositive:
    match, instance = wrong.match, wrong.instance
    box = match.prediction.boxes[wrong.place]
    overlap = 0.0 if instance is None else float(match.overlaps[wrong.place, instance])
    label = None if instance is None else match.instances[instance].category
    truth = [] if instance is None else [match.instances[instance].box]
    return FalsePositive(
        image=Path(match.image.file).name,
        guess=int(match.prediction.labels[wrong.place]),
        score=wrong.score,
        kind=wrong.kind,
        overlap=min(overlap, 1.0),
        label=label,
        picture=_picture(match.image, truth, [box.tolist()]),
    )


def _miss(missed: _Missed) -> Miss:
    match = missed.match
    instance = match.instances[missed.place]
    labels, overlaps = match.prediction.labels, match.overlaps[:, missed.place]
    is_same = labels == instance.category
    other = np.flatnonzero(~is_same & (overlaps >= OVERLAP))  # the best score first
    best = float(overlaps[is_same].max(initial=0.0))
    near = overlaps >= _NEAR
    return Miss(
        image=Path(match.image.file).name,
        label=instance.category,
        area=missed.area,
        taken_for=int(labels[other[0]]) if len(other) else None,
        overlap=min(best, 1.0),
        picture=_picture(
            match.image, [instance.box], match.prediction.boxes[near].tolist()
        ),
    )


def _picture(
    image: AnnotatedImage,
    truth: Sequence[Sequence[float]],
    predicted: Sequence[Sequence[float]],
) -> str:
    """The part of the image around some boxes, the truth in green, predictions in red."""
    marks = [
        *(Mark(box=_box(each), color=_TRUE) for each in truth),
        *(Mark(box=_box(each), color=_PREDICTED) for each in predicted),
    ]
    file = io.BytesIO()
    cropped(read_image(image), marks, _SIDE).save(file, "jpeg", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _box(corners: Sequence[float]) -> tuple[float, float, float, float]:
    x_min, y_min, x_max, y_max = corners
    return (x_min, y_min, x_max, y_max)
