"""The worst mistakes of a detector, each of one kind, with a picture of its place."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from made_up_detections import exact, jittered, made_up_split
from rexpand.data.detection import DetectionSplit
from rexpand.records import DetectionMistakes, OperatingPoint
from rexpand.transfer.detection import Prediction, mistakes_of, scores_of

BOXES = ((10.0, 10.0, 50.0, 50.0), (80.0, 10.0, 120.0, 50.0))


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> DetectionSplit:
    """One image with two squares, a large one and a small one."""
    shapes = made_up_split(tmp_path_factory.mktemp("shapes"), images=1)
    image = shapes.images[0]
    instances = tuple(
        replace(image.instances[0], category=0, box=box, area=area)
        for box, area in zip(BOXES, (1600.0, 900.0), strict=True)
    )
    return replace(shapes, images=(replace(image, instances=instances),))


def judged(
    split: DetectionSplit,
    *rows: tuple[tuple[float, ...], int, float],
    from_score: float | None = None,
) -> DetectionMistakes:
    """The mistakes from the operating score on, or from another one."""
    boxes, labels, scores = zip(*rows, strict=True)
    prediction = Prediction(
        image_id=split.images[0].image_id,
        boxes=np.array(boxes),
        labels=np.array(labels),
        scores=np.array(scores),
    )
    scores = scores_of([prediction], split)
    if from_score is not None:
        point = OperatingPoint(score=from_score, precision=0.5, recall=0.5)
        scores = replace(scores, operating=point)
    return mistakes_of([prediction], split, scores)


def moved(box: tuple[float, ...], right: float) -> tuple[float, ...]:
    return (box[0] + right, box[1], box[2] + right, box[3])


def test_every_false_positive_is_of_one_kind(split) -> None:
    mistakes = judged(
        split,
        (BOXES[0], 0, 0.9),
        (BOXES[0], 0, 0.8),
        (BOXES[1], 1, 0.7),
        (moved(BOXES[1], -30.0), 0, 0.6),
        ((10.0, 100.0, 50.0, 140.0), 0, 0.5),
        (BOXES[1], 0, 0.4),
        from_score=0.1,
    )

    assert [each.kind for each in mistakes.false_positives] == [
        *("duplicate", "class", "localisation", "background"),
    ]
    assert {each.kind: each.count for each in mistakes.kinds} == dict.fromkeys(
        ("duplicate", "class", "localisation", "background"), 1
    )
    overlaps = [each.overlap for each in mistakes.false_positives]
    # Ten of seventy columns are common.
    assert overlaps == pytest.approx([1, 1, 10 / 70, 0], rel=1e-12)
    assert [each.label for each in mistakes.false_positives] == [0, 0, 0, None]


def test_the_highest_score_is_the_worst_false_positive(split) -> None:
    place = (10.0, 100.0, 50.0, 140.0)
    mistakes = judged(split, (BOXES[0], 0, 0.5), (place, 1, 0.6), (place, 2, 0.9))

    assert [each.score for each in mistakes.false_positives] == [0.9, 0.6]


def test_predictions_under_the_operating_score_are_no_mistakes(split) -> None:
    mistakes = judged(split, (BOXES[0], 0, 0.9), (BOXES[1], 0, 0.8), (BOXES[1], 2, 0.1))

    assert mistakes.score == 0.8
    assert mistakes.false_positives == mistakes.misses == ()


def test_the_largest_missed_object_is_the_worst(split) -> None:
    place = (10.0, 100.0, 50.0, 140.0)

    mistakes = judged(split, (place, 0, 0.5))

    assert [each.area for each in mistakes.misses] == [1600, 900]
    assert mistakes.missed == 2
    assert [each.taken_for for each in mistakes.misses] == [None, None]


def test_a_miss_says_what_it_was_taken_for_and_how_near_its_class_was(split) -> None:
    mistakes = judged(
        split,
        (BOXES[0], 0, 0.9),
        (BOXES[1], 2, 0.9),
        (moved(BOXES[1], 30.0), 0, 0.9),
    )

    (miss,) = mistakes.misses
    assert miss.taken_for == 2
    assert miss.overlap == pytest.approx(10 / 70, rel=1e-12)


def test_pictures_show_the_place_with_both_boxes(split) -> None:
    mistakes = judged(
        split, (BOXES[0], 0, 0.9), (moved(BOXES[0], 25.0), 0, 0.8), from_score=0.1
    )

    code = mistakes.false_positives[0].picture.removeprefix("data:image/jpeg;base64,")
    picture = Image.open(io.BytesIO(base64.b64decode(code)))
    pixels = np.asarray(picture, float)
    red, green = (pixels[..., n] - pixels[..., 1 - n] for n in (0, 1))
    assert max(picture.size) <= 224
    # The truth's green and the prediction's red, whatever JPEG does to them.
    assert (red > 80).any()
    assert (green > 80).any()


def test_at_most_four_rows_have_pictures(tmp_path) -> None:
    split = made_up_split(tmp_path, images=30)
    predictions = jittered(split, noise=0.6)

    mistakes = mistakes_of(predictions, split, scores_of(predictions, split))

    assert len(mistakes.false_positives) == len(mistakes.misses) == 24
    assert sum(each.count for each in mistakes.kinds) > 24
    assert mistakes.missed > 24


def test_without_mistakes_there_are_none(split) -> None:
    predictions = exact(split)

    mistakes = mistakes_of(predictions, split, scores_of(predictions, split))

    assert (mistakes.false_positives, mistakes.misses, mistakes.missed) == ((), (), 0)
    assert not any(each.count for each in mistakes.kinds)


def test_a_detector_that_finds_nothing_misses_everything(split) -> None:
    mistakes = mistakes_of([], split, scores_of([], split))

    assert (mistakes.missed, len(mistakes.misses)) == (2, 2)
