"""What a detector finds in a split comes as values, image by image."""

import numpy as np
import pytest

from made_up_detections import Contrast, made_up_split
from rexpand.data.detection import DetectionSplit
from rexpand.transfer.detection import Prediction, predictions_of
from rexpand.transfer.detection.coco import decoded


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> DetectionSplit:
    return made_up_split(tmp_path_factory.mktemp("shapes"), images=7)


def test_every_image_has_its_prediction_in_the_order_of_the_split(split) -> None:
    told: list[int] = []

    found = predictions_of(
        Contrast(has_masks=False), split, batch_size=3, progress=told.append
    )

    assert [each.image_id for each in found] == [i.image_id for i in split.images]
    assert told == [3, 3, 1]
    assert all(each.masks is None for each in found)


def test_classes_count_from_zero_and_boxes_are_in_pixels_of_the_file(split) -> None:
    found = predictions_of(Contrast(has_masks=False), split)[0]

    boxes = np.array([each.box for each in split.images[0].instances])
    union = [*boxes[:, :2].min(0), *boxes[:, 2:].max(0)]
    # What was drawn has whole pixels.
    assert found.boxes[0] == pytest.approx(union, abs=1.01)
    assert (found.labels.tolist(), found.scores.tolist()) == ([2], [0.75])


def test_masks_are_those_of_more_than_half_a_probability(split) -> None:
    found = predictions_of(Contrast(has_masks=True), split)

    assert found[0].masks is not None
    inside = decoded(found[0].masks[0])
    assert inside.shape == (split.images[0].height, split.images[0].width)
    rows, columns = (np.flatnonzero(inside.any(axis)) for axis in (1, 0))
    assert found[0].boxes[0].tolist() == [
        *(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1),
    ]
    # An image in which nothing is found has masks too, namely none.
    assert {each.masks for each in found if not len(each)} <= {()}


def test_a_detector_in_training_is_in_training_afterwards(split) -> None:
    detector = Contrast(has_masks=False).train()

    predictions_of(detector, split)

    assert detector.training


def test_the_best_come_first_and_of_equals_the_first() -> None:
    found = Prediction(
        image_id=1,
        boxes=np.arange(16.0).reshape(4, 4),
        labels=np.arange(4),
        scores=np.array([0.25, 0.5, 0.5, 1.0]),
    )

    assert found.best(3).labels.tolist() == [3, 1, 2]
    assert found.from_score(0.5).labels.tolist() == [3, 1, 2]
    assert len(found.from_score(2.0)) == 0
