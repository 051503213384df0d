"""Which prediction finds which instance of an image, where half of a box is enough.

The rule is COCO's: predictions choose in the order of their scores, each among the
instances of its class that are still free the one that it overlaps most. Inside a crowd
of its class a prediction is neither right nor wrong.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rexpand.data.detection import AnnotatedImage, Instance
from rexpand.records import DetectionConfusion, OperatingPoint
from rexpand.transfer.detection.coco import overlaps_of
from rexpand.transfer.detection.prediction import Prediction

OVERLAP = 0.5
NONE = -1  # in `found`


@dataclass(frozen=True, kw_only=True, eq=False)
class Matched:
    """The predictions of an image, highest score first, and what they find.

    `overlaps` (predictions, instances) are intersections over unions of the boxes with
    `instances`, which holds no crowd. `found` is the place of the instance that each
    prediction finds, or NONE; `is_ignored` tells which ones lie in a crowd.
    """

    image: AnnotatedImage
    prediction: Prediction
    instances: tuple[Instance, ...]
    overlaps: NDArray[np.float64]
    found: NDArray[np.int64]
    is_ignored: NDArray[np.bool_]

    @property
    def categories(self) -> NDArray[np.int64]:
        """The class of every instance."""
        return np.array([each.category for each in self.instances], np.int64)

    @property
    def is_wrong(self) -> NDArray[np.bool_]:
        """Which predictions find no instance of their class."""
        return (self.found == NONE) & ~self.is_ignored

    def from_score(self, score: float) -> "Matched":
        """Without the predictions under a score; what the others find stays."""
        kept = int(np.count_nonzero(self.prediction.scores >= score))
        return Matched(
            image=self.image,
            prediction=self.prediction.best(kept),
            instances=self.instances,
            overlaps=self.overlaps[:kept],
            found=self.found[:kept],
            is_ignored=self.is_ignored[:kept],
        )


def matched(prediction: Prediction, image: AnnotatedImage) -> Matched:
    """What the predictions of an image find."""
    ranked = prediction.best(len(prediction))
    instances = tuple(each for each in image.instances if not each.is_crowd)
    crowds = tuple(each for each in image.instances if each.is_crowd)
    overlaps = overlaps_of(ranked.boxes, instances)
    inside = overlaps_of(ranked.boxes, crowds)
    found = np.full(len(ranked), NONE)
    free = np.ones(len(instances), bool)
    is_near = (overlaps >= OVERLAP) & _is_of(ranked, instances)
    for place in np.flatnonzero(is_near.any(1)):
        best = np.where(is_near[place] & free, overlaps[place], 0.0)
        if best.any():
            found[place] = best.argmax()
            free[found[place]] = False
    is_inside = ((inside >= OVERLAP) & _is_of(ranked, crowds)).any(1)
    return Matched(
        image=image,
        prediction=ranked,
        instances=instances,
        overlaps=overlaps,
        found=found,
        is_ignored=is_inside & (found == NONE),
    )


def operating_point(matches: Sequence[Matched]) -> OperatingPoint | None:
    """The score with the highest F1 over all classes; None if nothing is found."""
    counted = [~each.is_ignored for each in matches]
    scores = np.concatenate(
        [
            np.empty(0),
            *(m.prediction.scores[c] for m, c in zip(matches, counted, strict=True)),
        ]
    )
    is_right = np.concatenate(
        [
            np.empty(0, bool),
            *(m.found[c] != NONE for m, c in zip(matches, counted, strict=True)),
        ]
    )
    instances = sum(len(each.instances) for each in matches)
    if not is_right.any():
        return None
    order = np.argsort(-scores, kind="stable")
    scores, right = scores[order], np.cumsum(is_right[order])
    made = np.arange(1, len(scores) + 1)
    # Of equal scores all are taken, or none.
    is_last = np.append(scores[1:] != scores[:-1], True)
    best = int(np.argmax(np.where(is_last, 2 * right / (made + instances), 0.0)))
    return OperatingPoint(
        score=float(scores[best]),
        precision=float(right[best] / made[best]),
        recall=float(right[best] / instances),
    )


def confusions(
    matches: Sequence[Matched], score: float
) -> tuple[DetectionConfusion, ...]:
    """What instances were taken for by the predictions from a score on.

    After those that find their class, each prediction in turn takes a free instance of
    another class that it overlaps by half.
    """
    counts = Counter[tuple[int | None, int | None]]()
    for each in matches:
        counts.update(_taken(each.from_score(score)))
    pairs = sorted(counts, key=lambda pair: [-1 if p is None else p for p in pair])
    return tuple(
        DetectionConfusion(label=label, guess=guess, count=counts[label, guess])
        for label, guess in pairs
    )


def _taken(match: Matched) -> list[tuple[int | None, int | None]]:
    labels, guesses = match.categories.tolist(), match.prediction.labels.tolist()
    free = np.ones(len(labels), bool)
    free[match.found[match.found != NONE]] = False
    found: list[tuple[int | None, int | None]] = [
        (labels[place], labels[place]) for place in np.flatnonzero(~free)
    ]
    for place in np.flatnonzero(match.is_wrong):
        left = np.where(free, match.overlaps[place], 0.0)
        if (left >= OVERLAP).any():
            best = int(left.argmax())
            free[best] = False
            found.append((labels[best], guesses[place]))
        else:
            found.append((None, guesses[place]))
    return found + [(labels[place], None) for place in np.flatnonzero(free)]


def _is_of(prediction: Prediction, instances: Sequence[Instance]) -> NDArray[np.bool_]:
    """Whether prediction and instance have one class: (predictions, instances)."""
    categories = np.array([each.category for each in instances], np.int64)
    return prediction.labels[:, None] == categories[None, :]
