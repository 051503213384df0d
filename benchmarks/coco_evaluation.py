"""COCO's evaluation of one set of predictions: ours, faster-coco-eval alone, pycocotools.

Made-up images with instances of 80 classes, of COCO's number and sizes, and 100
predictions in each: instances that are moved, some of another class, and boxes anywhere.
Ours begins with its own values and includes the operating score and the confusion. The
others begin with the list of dictionaries that their `loadRes` takes, which is copied
before the clock starts, as they change it. The time is that of the processor, so that other
work on the machine counts less. All of them give the same numbers; the largest
difference is printed.
"""

import gc
import io
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import faster_coco_eval
import numpy as np
from faster_coco_eval import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from interleave import Report, Stopwatch, interleave, parser, ratio
from rexpand.data.detection import AnnotatedImage, DetectionSplit, Instance, Polygons
from rexpand.records import RegionScores
from rexpand.transfer.detection import EncodedMask, Prediction, scores_of

CLASSES = 80
INSTANCES = 7.3  # an image of COCO's val2017
PREDICTIONS = 100
HEIGHT, WIDTH = 480, 640
SUMMARY = (
    *("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("recall_1", "recall_10", "recall_100"),
    *("recall_small", "recall_medium", "recall_large"),
)
OURS, FASTER, THEIRS = "scores_of", "faster-coco-eval", "pycocotools"


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """One evaluation, as values and as COCO's dictionaries."""

    split: DetectionSplit
    predictions: tuple[Prediction, ...]
    truth: dict[str, Any]
    results: list[dict[str, Any]]
    kind: str


def made_up(images: int, *, with_masks: bool) -> Case:
    rng = np.random.default_rng(0)
    annotated = tuple(_image(rng, place + 1, with_masks) for place in range(images))
    split = DetectionSplit(
        class_names=tuple(map(str, range(CLASSES))),
        category_ids=tuple(range(1, CLASSES + 1)),
        images=annotated,
    )
    predictions = tuple(_prediction(rng, each, with_masks) for each in annotated)
    return Case(
        split=split,
        predictions=predictions,
        truth=_truth(split),
        results=_results(predictions, with_masks),
        kind="segm" if with_masks else "bbox",
    )


def _image(rng: np.random.Generator, image_id: int, with_masks: bool) -> AnnotatedImage:
    boxes = _boxes(rng, int(rng.poisson(INSTANCES)))
    return AnnotatedImage(
        file=f"{image_id}.jpg",
        image_id=image_id,
        height=HEIGHT,
        width=WIDTH,
        instances=tuple(
            Instance(
                category=int(rng.integers(CLASSES)),
                box=tuple(box),
                area=(box[2] - box[0]) * (box[3] - box[1]),
                is_crowd=bool(rng.random() < 0.01),
                mask=Polygons(outlines=(_ellipse(box),)) if with_masks else None,
            )
            for box in boxes.tolist()
        ),
    )


def _boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Boxes of COCO's sizes: two in five are small, one in four is large."""
    sides = np.exp(rng.normal(3.9, 1.0, (count, 2))).clip(4, (WIDTH - 1, HEIGHT - 1))
    low = rng.random((count, 2)) * (np.array([WIDTH, HEIGHT]) - sides)
    return np.concatenate([low, low + sides], 1)


def _prediction(
    rng: np.random.Generator, image: AnnotatedImage, with_masks: bool
) -> Prediction:
    truth = np.array([each.box for each in image.instances]).reshape(-1, 4)
    labels = np.array([each.category for each in image.instances], np.int64)
    twice = np.repeat(np.arange(len(truth)), 2)[:PREDICTIONS]
    near = truth[twice]
    sides = np.tile(near[:, 2:] - near[:, :2], 2)
    near = near + rng.normal(0, 0.08, near.shape) * sides
    boxes = np.concatenate([near, _boxes(rng, PREDICTIONS - len(near))])
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
    guesses = rng.integers(0, CLASSES, PREDICTIONS)
    is_right = rng.random(len(near)) < 0.7
    guesses[: len(near)][is_right] = labels[twice][is_right]
    scores = rng.random(PREDICTIONS)
    scores[len(near) :] *= 0.5
    return Prediction(
        image_id=image.image_id,
        boxes=boxes,
        labels=guesses,
        scores=scores,
        masks=tuple(map(_encoded, boxes.tolist())) if with_masks else None,
    )


def _ellipse(box: Sequence[float]) -> tuple[float, ...]:
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    radii = np.array([box[2] - box[0], box[3] - box[1]]) / 2
    points = middle + radii * np.stack([np.cos(turns), np.sin(turns)], 1)
    return tuple(points.clip(0, (WIDTH, HEIGHT)).ravel().tolist())


def _encoded(box: Sequence[float]) -> EncodedMask:
    (found,) = masks.frPyObjects([list(_ellipse(box))], HEIGHT, WIDTH)
    return EncodedMask(height=HEIGHT, width=WIDTH, counts=found["counts"])


def _truth(split: DetectionSplit) -> dict[str, Any]:
    annotations: list[dict[str, Any]] = []
    for image in split.images:
        for each in image.instances:
            x_min, y_min, x_max, y_max = each.box
            annotation: dict[str, Any] = {
                "id": len(annotations) + 1,
                "image_id": image.image_id,
                "category_id": each.category + 1,
                "bbox": [x_min, y_min, x_max - x_min, y_max - y_min],
                "area": each.area,
                "iscrowd": int(each.is_crowd),
            }
            if isinstance(each.mask, Polygons):
                outlines = [[*outline] for outline in each.mask.outlines]
                code = masks.merge(masks.frPyObjects(outlines, HEIGHT, WIDTH))
                annotation["segmentation"] = code
            annotations.append(annotation)
    return {
        "images": [
            {"id": each.image_id, "height": HEIGHT, "width": WIDTH}
            for each in split.images
        ],
        "categories": [{"id": place + 1} for place in range(CLASSES)],
        "annotations": annotations,
    }


def _results(
    predictions: Sequence[Prediction], with_masks: bool
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in predictions:
        sides = each.boxes[:, 2:] - each.boxes[:, :2]
        boxes = np.concatenate([each.boxes[:, :2], sides], 1).tolist()
        rows = zip(boxes, each.labels.tolist(), each.scores.tolist(), strict=True)
        for place, (box, label, score) in enumerate(rows):
            result: dict[str, Any] = {
                "image_id": each.image_id,
                "category_id": label + 1,
                "score": score,
            }
            if with_masks and each.masks is not None:
                counts = each.masks[place].counts
                code = {"size": [HEIGHT, WIDTH], "counts": counts}
                result["segmentation"] = code
            else:
                result["bbox"] = box
            found.append(result)
    return found


class Rivals:
    """The three evaluations of a case; what they found last is kept."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.found: dict[str, list[float]] = {}

    def stopwatches(self) -> dict[str, Stopwatch]:
        return {
            OURS: self._ours,
            FASTER: self._timed(FASTER, self._faster),
            THEIRS: self._timed(THEIRS, self._pycocotools),
        }

    def _ours(self) -> float:
        gc.collect()
        started = time.process_time()
        scores = scores_of(self.case.predictions, self.case.split)
        seconds = time.process_time() - started
        region = scores.mask if self.case.kind == "segm" else scores.box
        assert region is not None
        self.found[OURS] = _summary(region)
        return seconds

    def _timed(self, name: str, run: Callable[..., Any]) -> Stopwatch:
        def stopwatch() -> float:
            truth, results = deepcopy(self.case.truth), deepcopy(self.case.results)
            gc.collect()
            started = time.process_time()
            with redirect_stdout(io.StringIO()):
                stats = run(truth, results)
            seconds = time.process_time() - started
            self.found[name] = [float(each) for each in stats[: len(SUMMARY)]]
            return seconds

        return stopwatch

    def _faster(self, content: dict[str, Any], results: list[dict[str, Any]]) -> Any:
        truth = faster_coco_eval.COCO(content)
        found = truth.loadRes(results)
        evaluation = faster_coco_eval.COCOeval_faster(truth, found, self.case.kind)
        evaluation.run()
        return evaluation.stats

    def _pycocotools(
        self, content: dict[str, Any], results: list[dict[str, Any]]
    ) -> Any:
        truth = COCO()
        truth.dataset = content
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), self.case.kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        return evaluation.stats


def _summary(region: RegionScores) -> list[float]:
    values = [getattr(region, name) for name in SUMMARY]
    return [-1.0 if value is None else float(value) for value in values]


def main() -> None:
    options = parser(__doc__, rounds=5)
    options.add_argument("--images", type=int, default=5000, help="of the set")
    options.add_argument("--masks", action="store_true", help="masks instead of boxes")
    asked = options.parse_args()
    images = 50 if asked.smoke else asked.images
    libraries = ("faster-coco-eval", "pycocotools", "numpy")
    report = Report(__file__, asked, libraries)
    case = made_up(images, with_masks=asked.masks)
    rivals = Rivals(case)
    timings = interleave(rivals.stopwatches(), report.rounds)
    report.timings(timings.values())
    report.ratios(
        [
            ratio(timings[THEIRS], timings[OURS]),
            ratio(timings[THEIRS], timings[FASTER]),
            ratio(timings[OURS], timings[FASTER]),
        ]
    )
    instances = case.split.instances
    report.finding(
        "case",
        {"kind": case.kind, "images": images, "instances": instances},
        f"{images:,} images, {instances:,} instances, {PREDICTIONS} predictions each, "
        f"{case.kind}",
    )
    ours, theirs = np.array(rivals.found[OURS]), np.array(rivals.found[THEIRS])
    difference = float(np.abs(ours - theirs).max())
    report.finding(
        "largest difference", difference, f"largest difference {difference:.2g}"
    )
    report.finding("ap", ours[0], f"average precision {ours[0]:.4f}")
    report.close()


if __name__ == "__main__":
    main()
