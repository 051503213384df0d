"""Average precision is that of pycocotools; what is not defined is None."""

import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from made_up_detections import exact, jittered, made_up_split, without_masks
from rexpand.data.detection import DetectionSplit, load_detection
from rexpand.data.detection.masks import coco_mask
from rexpand.errors import DataError
from rexpand.records import DetectionScores, RegionScores
from rexpand.transfer.detection import Prediction, scores_of

# COCO's twelve numbers in the order of its summary.
SUMMARY = (
    *("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"),
    *("recall_1", "recall_10", "recall_100"),
    *("recall_small", "recall_medium", "recall_large"),
)


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> DetectionSplit:
    return made_up_split(tmp_path_factory.mktemp("shapes"))


def reference(split: DetectionSplit, predictions: Sequence[Prediction], kind: str):
    """The evaluation of pycocotools, fed with dictionaries of our own writing."""
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    truth = coco.COCO()
    truth.dataset = {
        "images": [
            {"id": each.image_id, "height": each.height, "width": each.width}
            for each in split.images
        ],
        "categories": [{"id": number} for number in split.category_ids],
        "annotations": [],
    }
    for image in split.images:
        for each in image.instances:
            low, high = np.array(each.box[:2]), np.array(each.box[2:])
            annotation = {
                "id": len(truth.dataset["annotations"]) + 1,
                "image_id": image.image_id,
                "category_id": split.category_ids[each.category],
                "bbox": [*low, *(high - low)],
                "area": each.area,
                "iscrowd": int(each.is_crowd),
            }
            if each.mask is not None:
                code = coco_mask(each.mask, image.height, image.width)
                annotation["segmentation"] = code
            truth.dataset["annotations"].append(annotation)
    results = []
    for prediction in predictions:
        for place in range(len(prediction)):
            low, high = prediction.boxes[place, :2], prediction.boxes[place, 2:]
            result = {
                "image_id": prediction.image_id,
                "category_id": split.category_ids[prediction.labels[place]],
                "score": prediction.scores[place],
            }
            if kind == "segm":  # alone, so that its area is that of the mask
                mask = prediction.masks[place]
                size = [mask.height, mask.width]
                result["segmentation"] = {"size": size, "counts": mask.counts}
            else:
                result["bbox"] = [*low, *(high - low)]
            results.append(result)
    with redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = evaluation.COCOeval(truth, truth.loadRes(results), kind)
        found.evaluate()
        found.accumulate()
        found.summarize()
    return found


def assert_equal(region: RegionScores, found) -> None:
    """All numbers of a region are those of pycocotools, to 1e-6."""
    ours = [-1 if (v := getattr(region, name)) is None else v for name in SUMMARY]
    assert ours == pytest.approx(found.stats.tolist(), abs=1e-6)
    precision = found.eval["precision"][..., 2]
    for place, each in enumerate(region.classes):
        for size, value in enumerate(
            (each.ap, each.ap_small, each.ap_medium, each.ap_large)
        ):
            theirs = precision[:, :, place, size]
            assert (value is None) == (theirs == -1).all()
            assert value is None or value == pytest.approx(theirs.mean(), abs=1e-6)
        theirs = precision[0, :, place, 0]
        assert each.precisions == pytest.approx(theirs[theirs > -1].tolist(), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_every_number_of_boxes_and_masks_is_that_of_pycocotools(split, seed) -> None:
    predictions = jittered(split, seed)

    scores = scores_of(predictions, split)

    assert scores.crowds > 0
    assert scores.mask is not None
    assert_equal(scores.box, reference(split, predictions, "bbox"))
    assert_equal(scores.mask, reference(split, predictions, "segm"))


@pytest.mark.parametrize(
    "part", [pytest.param("train", marks=pytest.mark.slow), "held_out"]
)
def test_on_real_annotations_too(part) -> None:
    root = os.environ.get("REXPAND_DATA")
    if root is None or not Path(root, "coco_mini").is_dir():
        pytest.skip("REXPAND_DATA has no coco_mini")
    split = getattr(load_detection("coco_mini", root=root), part)
    predictions = jittered(split)

    scores = scores_of(predictions, split)

    assert (len(scores.class_names), scores.crowds > 0) == (80, True)
    assert_equal(scores.box, reference(split, predictions, "bbox"))
    assert_equal(scores.mask, reference(split, predictions, "segm"))


def test_the_truth_itself_has_an_average_precision_of_one(split) -> None:
    scores = scores_of(exact(split), split)

    assert (scores.box_ap, scores.box_ap75, scores.mask_ap) == (1, 1, 1)
    assert scores.operating is not None
    assert (scores.operating.precision, scores.operating.recall) == (1, 1)


def test_a_class_without_instances_has_none_and_is_in_no_mean(split) -> None:
    scores = scores_of(exact(split), split)

    unseen = scores.box.classes[3]
    assert unseen.instances == 0
    assert (unseen.ap, unseen.ap50, unseen.recall, unseen.precisions) == (
        *(None, None, None),
        (),
    )
    assert scores.box_ap == 1


def test_without_predictions_nothing_is_found(split) -> None:
    scores = scores_of([], split)

    assert (scores.box_ap, scores.box_ap50, scores.mask) == (0, 0, None)
    assert scores.operating is None
    # Every instance is missed, and nothing else is told.
    assert sum(each.count for each in scores.confusions) == scores.instances
    assert {each.guess for each in scores.confusions} == {None}


def test_without_instances_no_average_precision_is_defined(split) -> None:
    empty = replace(
        split, images=tuple(replace(image, instances=()) for image in split.images)
    )

    scores = scores_of(jittered(split, masks=False), empty)

    assert (scores.box_ap, scores.box_ap50, scores.box.recall_100) == (None,) * 3
    assert scores.operating is None


def test_masks_are_scored_only_where_both_sides_have_them(split) -> None:
    boxes = scores_of(exact(split, masks=False), split)
    unmasked = scores_of(exact(split), without_masks(split))

    assert (boxes.mask, unmasked.mask) == (None, None)
    assert (boxes.box_ap, unmasked.box_ap) == (1, 1)


def many(image_id: int, count: int) -> Prediction:
    """A right prediction, the last of `count` whose others lie elsewhere."""
    boxes = np.tile([150.0, 150.0, 160.0, 160.0], (count, 1))
    boxes[-1] = [10, 10, 60, 60]
    return Prediction(
        image_id=image_id,
        boxes=boxes,
        labels=np.zeros(count, np.int64),
        scores=np.linspace(1, 0.5, count),
    )


def test_a_hundred_predictions_of_an_image_and_class_count(split) -> None:
    image = split.images[0]
    instance = replace(image.instances[0], category=0, box=(10.0, 10.0, 60.0, 60.0))
    one = replace(split, images=(replace(image, instances=(instance,)),))

    within = scores_of([many(image.image_id, 100)], one)
    beyond = scores_of([many(image.image_id, 101)], one)

    # One right prediction after 99 wrong ones.
    assert within.box_ap == pytest.approx(0.01, abs=1e-9)
    assert beyond.box_ap == 0
    assert (beyond.predictions, beyond.box.classes[0].predictions) == (101, 101)


def test_the_order_of_the_predictions_does_not_matter(split) -> None:
    predictions = jittered(split)

    assert scores_of(predictions[::-1], split) == scores_of(predictions, split)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"image_id": 5}, "image 5 of a prediction is not among the 24 of the split"),
        ({"labels": np.array([4])}, "class 4 of a prediction has no name"),
    ],
)
def test_predictions_of_another_split_are_refused(split, change, said) -> None:
    one = replace(many(split.images[0].image_id, 1), **change)

    with pytest.raises(DataError, match=said):
        scores_of([one], split)


def test_an_image_has_one_prediction(split) -> None:
    one = many(split.images[0].image_id, 1)

    with pytest.raises(DataError, match="image 1000 has two predictions"):
        scores_of([one, one], split)


def confusion(scores: DetectionScores) -> dict[tuple[int | None, int | None], int]:
    return {(each.label, each.guess): each.count for each in scores.confusions}


def found_in(image, *rows: tuple[tuple[float, ...], int, float]) -> Prediction:
    boxes, labels, scores = zip(*rows, strict=True)
    return Prediction(
        image_id=image.image_id,
        boxes=np.array(boxes, np.float64),
        labels=np.array(labels),
        scores=np.array(scores),
    )


def test_the_confusion_has_a_row_and_a_column_for_the_background(split) -> None:
    image = split.images[0]
    boxes = [(0.0, 0.0, 20.0, 20.0), (40.0, 0.0, 60.0, 20.0), (80.0, 0.0, 100.0, 20.0)]
    instances = tuple(
        replace(image.instances[0], category=place, box=box)
        for place, box in enumerate(boxes)
    )
    one = replace(split, images=(replace(image, instances=instances),))
    prediction = found_in(
        image,
        (boxes[0], 0, 0.9),  # right
        (boxes[0], 0, 0.8),  # a second time: nothing is left to be found
        (boxes[1], 2, 0.9),  # taken for another class
        ((0.0, 100.0, 20.0, 120.0), 1, 0.9),  # where nothing is
        (boxes[2], 2, 0.1),  # right, but under the operating score
    )

    scores = scores_of([prediction], one)

    assert scores.operating is not None
    # Two of five are right at 0.1, one of three at 0.9.
    assert scores.operating.score == 0.1
    assert confusion(scores) == {
        (0, 0): 1,
        (None, 0): 1,
        (1, 2): 1,
        (None, 1): 1,
        (2, 2): 1,
    }


def test_a_prediction_inside_a_crowd_is_neither_right_nor_wrong(split) -> None:
    image = next(i for i in split.images if any(e.is_crowd for e in i.instances))
    crowd = next(each for each in image.instances if each.is_crowd)
    alone = replace(crowd, box=(100.0, 10.0, 120.0, 30.0), is_crowd=False)
    one = replace(split, images=(replace(image, instances=(crowd, alone)),))
    right, inside = (alone.box, crowd.category, 0.5), (15.0, 10.0, 30.0, 25.0)

    same = scores_of([found_in(image, right, (inside, crowd.category, 0.9))], one)
    other = scores_of([found_in(image, right, (inside, 3, 0.9))], one)

    assert (same.instances, same.crowds, same.box_ap) == (1, 1, 1)
    assert confusion(same) == {(crowd.category,) * 2: 1}
    # A crowd is one of its class.
    assert confusion(other) == {(crowd.category,) * 2: 1, (None, 3): 1}


def test_every_instance_is_in_the_confusion_once(split) -> None:
    scores = scores_of(jittered(split), split)

    of_truth = sum(e.count for e in scores.confusions if e.label is not None)
    assert of_truth == scores.instances
