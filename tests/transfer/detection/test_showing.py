"""Predictions are drawn beside the truth, a picture for each image."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from made_up_detections import Contrast, made_up_split
from rexpand.data.detection import DetectionSplit
from rexpand.transfer.detection import predictions_of
from rexpand.transfer.detection.prediction import Prediction
from rexpand.transfer.detection.showing import balanced_score, show


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> DetectionSplit:
    return made_up_split(tmp_path_factory.mktemp("shapes"), images=5)


def test_some_images_are_at_equal_distances(split) -> None:
    ids = [each.image_id for each in split.images]

    assert [e.image_id for e in split.some(3).images] == [ids[0], ids[2], ids[4]]
    assert [e.image_id for e in split.some(1).images] == [ids[0]]
    assert len(split.some(100)) == 5


def test_every_image_has_a_picture_of_both_panels(split, tmp_path) -> None:
    found = predictions_of(Contrast(has_masks=True), split)

    shown = show(found, split, tmp_path / "new", score=0.5)

    names = [Path(each.picture).name for each in shown]
    assert names[:2] == ["001-000.jpg", "002-001.jpg"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    with Image.open(shown[0].picture) as picture:
        assert picture.width > 2 * 500
    assert [each.instances for each in shown] == [
        sum(not e.is_crowd for e in image.instances) for image in split.images
    ]


def test_predictions_under_the_score_are_not_drawn(split, tmp_path) -> None:
    few = split.subset([0])
    found = predictions_of(Contrast(has_masks=False), few)

    above = show(found, few, tmp_path, score=0.75)[0]
    below = show(found, few, tmp_path, score=0.76)[0]

    assert (above.predictions, below.predictions) == (1, 0)


def test_the_balanced_score_leaves_as_many_predictions_as_objects(split) -> None:
    objects = split.instances
    scores = np.linspace(0.1, 0.9, objects + 7)
    boxes = np.tile([0.0, 0.0, 8.0, 8.0], (len(scores), 1))
    labels = np.zeros(len(scores), np.int64)
    first = Prediction(image_id=0, boxes=boxes, labels=labels, scores=scores)
    none = first.best(0)

    least = balanced_score([first, none], split)

    assert len(first.from_score(least)) == objects
    # Where there are fewer, all are drawn; without any, none is.
    assert balanced_score([first.best(2), none], split) == scores[-2]
    assert balanced_score([none], split) == 1
