"""COCO's evaluation, its masks, and the overlaps of boxes, by faster-coco-eval.

This is the one place that knows COCO's dictionaries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rexpand.data.detection import AnnotatedImage, Instance
from rexpand.data.detection.masks import coco_mask
from rexpand.errors import MissingExtraError
from rexpand.transfer.detection.prediction import EncodedMask, Prediction

Region = Literal["box", "mask"]
_KINDS = {"box": "bbox", "mask": "segm"}
Pairs = Sequence[tuple[AnnotatedImage, Prediction]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Accumulated:
    """Precision and recall, -1 where there is no instance.

    `precision` is (overlaps, recalls, classes, sizes, limits), `recall` the same without
    recalls: ten overlaps from 0.5, 101 recalls, the sizes all, small, medium and large,
    and at most 1, 10 and 100 predictions of an image and class.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def accumulated(pairs: Pairs, classes: int, region: Region) -> Accumulated:
    """COCO's evaluation of the predictions of every image."""
    frame = {
        "images": [
            {"id": place, "height": image.height, "width": image.width}
            for place, (image, _) in enumerate(pairs)
        ],
        "categories": [{"id": place, "name": f"{place}"} for place in range(classes)],
    }
    library = _library()
    truth = library.COCO({**frame, "annotations": [*_annotations(pairs, region)]})
    found = library.COCO({**frame, "annotations": [*_results(pairs, region)]})
    evaluation = library.COCOeval_faster(truth, found, _KINDS[region])
    evaluation.evaluate()
    evaluation.accumulate()
    return Accumulated(
        precision=evaluation.eval["precision"], recall=evaluation.eval["recall"]
    )


def overlaps_of(
    boxes: NDArray[np.float64], instances: Sequence[Instance]
) -> NDArray[np.float64]:
    """Intersection over union of boxes and instances: (boxes, instances).

    With a crowd it is the share of the box that lies inside.
    """
    if not len(boxes) or not instances:
        return np.zeros((len(boxes), len(instances)))
    corners = np.array([each.box for each in instances], np.float64)
    crowds = [int(each.is_crowd) for each in instances]
    found: NDArray[np.float64] = _library().mask.iou(
        _sides(boxes), _sides(corners), crowds
    )
    return found


def encoded(inside: NDArray[np.bool_]) -> tuple[EncodedMask, ...]:
    """Masks (n, height, width) in COCO's compressed run lengths."""
    _, height, width = inside.shape
    if not len(inside):
        return ()
    columns = np.asfortranarray(inside.transpose(1, 2, 0), np.uint8)
    return tuple(
        EncodedMask(height=height, width=width, counts=each["counts"])
        for each in _library().mask.encode(columns)
    )


def decoded(mask: EncodedMask) -> NDArray[np.bool_]:
    """A predicted mask as pixels, (height, width)."""
    return np.asarray(_library().mask.decode(_code(mask)), bool)


def _annotations(pairs: Pairs, region: Region) -> Iterator[dict[str, Any]]:
    number = 0  # COCO's 0 means that nothing was found
    for place, (image, _) in enumerate(pairs):
        for each in image.instances:
            number += 1
            x_min, y_min, x_max, y_max = each.box
            annotation: dict[str, Any] = {
                "id": number,
                "image_id": place,
                "category_id": each.category,
                "bbox": [x_min, y_min, x_max - x_min, y_max - y_min],
                "area": each.area,
                "iscrowd": int(each.is_crowd),
            }
            if region == "mask" and each.mask is not None:
                code = coco_mask(each.mask, image.height, image.width)
                annotation["segmentation"] = code
            yield annotation


def _results(pairs: Pairs, region: Region) -> Iterator[dict[str, Any]]:
    number = 0
    for place, (_, prediction) in enumerate(pairs):
        boxes = _sides(prediction.boxes)
        areas = boxes[:, 2] * boxes[:, 3]
        codes = [_code(each) for each in prediction.masks or ()]
        if codes and region == "mask":
            areas = np.asarray(_library().mask.area(codes))
        rows = zip(
            boxes.tolist(),
            areas.tolist(),
            prediction.labels.tolist(),
            prediction.scores.tolist(),
            strict=True,
        )
        for row, (box, area, label, score) in enumerate(rows):
            number += 1
            result = {
                "id": number,
                "image_id": place,
                "category_id": label,
                "bbox": box,
                "area": area,
                "iscrowd": 0,
                "score": score,
            }
            if region == "mask":
                result["segmentation"] = codes[row]
            yield result


def _code(mask: EncodedMask) -> dict[str, Any]:
    return {"size": [mask.height, mask.width], "counts": mask.counts}


def _sides(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners as COCO has boxes: x_min, y_min, width, height."""
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def _library() -> Any:
    try:
        import faster_coco_eval
    except ImportError as absent:
        raise MissingExtraError("faster-coco-eval", "detection") from absent
    return faster_coco_eval
