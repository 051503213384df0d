"""From predictions to COCO's scores, as pycocotools computes them, and what was confused."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rexpand.data.detection import AnnotatedImage, DetectionSplit
from rexpand.errors import DataError, quoted
from rexpand.records import (
    ClassScores,
    DetectionScores,
    PrecisionCurve,
    RegionScores,
)
from rexpand.transfer.detection.coco import Accumulated, Pairs, accumulated
from rexpand.transfer.detection.matching import confusions, matched, operating_point
from rexpand.transfer.detection.prediction import Prediction

# Places in COCO's arrays.
_HALF, _THREE_QUARTERS = 0, 5  # overlaps of 0.5 and 0.75
_ALL, _SMALL, _MEDIUM, _LARGE = range(4)
_ONE, _TEN, _HUNDRED = range(3)


def scores_of(
    predictions: Sequence[Prediction], split: DetectionSplit
) -> DetectionScores:
    """COCO's numbers of the predictions of a split, boxes and, if there are any, masks.

    They are equal to pycocotools'. Of each image and class the 100 predictions with the
    highest scores count. An image without a prediction is one in which nothing was found.
    Masks are scored if the predictions have them and every instance of the split does; a
    predicted mask is small or large by its own area. Raises DataError for a prediction of an unknown image
    or class, and MissingExtraError without the extra `detection`.
    """
    pairs = paired(predictions, split)
    classes = len(split.class_names)
    has_masks = split.has_masks and any(each.masks is not None for each in predictions)
    matches = [matched(prediction, image) for image, prediction in pairs]
    operating = operating_point(matches)
    return DetectionScores(
        class_names=tuple(split.class_names),
        images=len(pairs),
        instances=sum(len(each.instances) for each in matches),
        crowds=sum(each.is_crowd for image, _ in pairs for each in image.instances),
        predictions=sum(len(prediction) for _, prediction in pairs),
        box=_region(accumulated(pairs, classes, "box"), pairs),
        mask=_region(accumulated(pairs, classes, "mask"), pairs) if has_masks else None,
        operating=operating,
        confusions=confusions(matches, operating.score if operating else 1.0),
    )


def paired(predictions: Sequence[Prediction], split: DetectionSplit) -> Pairs:
    """Every image of a split with its predictions, in the order of the image ids.

    That order decides between equal scores, as in pycocotools. Raises DataError as
    `scores_of` does.
    """
    found = {each.image_id: each for each in predictions}
    known = {image.image_id for image in split.images}
    for each in predictions:
        if each.image_id not in known:
            raise DataError(
                f"image {each.image_id} of a prediction is not among the {len(known)} of "
                "the split; give the predictions of this split"
            )
        if len(each) and each.labels.max() >= len(split.class_names):
            raise DataError(
                f"class {each.labels.max()} of a prediction has no name; the split has "
                f"{len(split.class_names)} classes, from 0"
            )
    if len(found) < len(predictions):
        twice, _ = Counter(each.image_id for each in predictions).most_common(1)[0]
        raise DataError(f"image {quoted(twice)} has two predictions; give one")
    images = sorted(split.images, key=lambda image: image.image_id)
    return [(image, found.get(image.image_id) or _nothing(image)) for image in images]


def _nothing(image: AnnotatedImage) -> Prediction:
    return Prediction(
        image_id=image.image_id,
        boxes=np.empty((0, 4)),
        labels=np.empty(0, np.int64),
        scores=np.empty(0),
    )


def _region(found: Accumulated, pairs: Pairs) -> RegionScores:
    precision, recall = found.precision[..., _HUNDRED], found.recall
    classes = precision.shape[2]
    instances, predictions = Counter[int](), Counter[int]()
    for image, prediction in pairs:
        instances.update(i.category for i in image.instances if not i.is_crowd)
        predictions.update(prediction.labels.tolist())
    return RegionScores(
        ap=_mean(precision[..., _ALL]),
        ap50=_mean(precision[_HALF, ..., _ALL]),
        ap75=_mean(precision[_THREE_QUARTERS, ..., _ALL]),
        ap_small=_mean(precision[..., _SMALL]),
        ap_medium=_mean(precision[..., _MEDIUM]),
        ap_large=_mean(precision[..., _LARGE]),
        recall_1=_mean(recall[..., _ALL, _ONE]),
        recall_10=_mean(recall[..., _ALL, _TEN]),
        recall_100=_mean(recall[..., _ALL, _HUNDRED]),
        recall_small=_mean(recall[..., _SMALL, _HUNDRED]),
        recall_medium=_mean(recall[..., _MEDIUM, _HUNDRED]),
        recall_large=_mean(recall[..., _LARGE, _HUNDRED]),
        classes=tuple(
            ClassScores(
                instances=instances[place],
                predictions=predictions[place],
                ap=_mean(precision[:, :, place, _ALL]),
                ap50=_mean(precision[_HALF, :, place, _ALL]),
                ap75=_mean(precision[_THREE_QUARTERS, :, place, _ALL]),
                ap_small=_mean(precision[:, :, place, _SMALL]),
                ap_medium=_mean(precision[:, :, place, _MEDIUM]),
                ap_large=_mean(precision[:, :, place, _LARGE]),
                recall=_mean(recall[:, place, _ALL, _HUNDRED]),
                precisions=_curve(precision[_HALF, :, place : place + 1, _ALL]),
            )
            for place in range(classes)
        ),
        curves=tuple(
            PrecisionCurve(
                overlap=overlap, precisions=_curve(precision[place, ..., _ALL])
            )
            for overlap, place in ((0.5, _HALF), (0.75, _THREE_QUARTERS))
        ),
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    """The mean where there are instances; None where there are none."""
    defined = values[values > -1]
    return float(defined.mean()) if defined.size else None


def _curve(precision: NDArray[np.float64]) -> tuple[float, ...]:
    """The mean of the classes that have instances, at every recall: (recalls, classes)."""
    defined = precision[:, precision[0] > -1]
    return tuple(defined.mean(1).tolist()) if defined.size else ()
