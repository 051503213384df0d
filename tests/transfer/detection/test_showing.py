"""Predictions are drawn beside the truth, a picture for each image."""

from pathlib import Path

import pytest
from PIL import Image

from made_up_detections import Contrast, made_up_split
from rexpand.data.detection import DetectionSplit
from rexpand.transfer.detection.showing import show


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> DetectionSplit:
    return made_up_split(tmp_path_factory.mktemp("shapes"), images=5)


def test_some_images_are_at_equal_distances(split) -> None:
    ids = [each.image_id for each in split.images]

    assert [e.image_id for e in split.some(3).images] == [ids[0], ids[2], ids[4]]
    assert [e.image_id for e in split.some(1).images] == [ids[0]]
    assert len(split.some(100)) == 5


def test_every_image_has_a_picture_of_both_panels(split, tmp_path) -> None:
    told: list[int] = []

    shown = show(
        Contrast(has_masks=True), split, tmp_path / "new", progress=told.append
    )

    names = [Path(each.picture).name for each in shown]
    assert names[:2] == ["001-000.jpg", "002-001.jpg"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == names
    with Image.open(shown[0].picture) as picture:
        assert picture.width > 2 * 500
    assert [each.instances for each in shown] == [
        sum(not e.is_crowd for e in image.instances) for image in split.images
    ]
    assert told == [1] * 5


def test_predictions_under_the_score_are_not_drawn(split, tmp_path) -> None:
    few = split.subset([0])

    above = show(Contrast(has_masks=False), few, tmp_path, score=0.75)[0]
    below = show(Contrast(has_masks=False), few, tmp_path, score=0.76)[0]

    assert (above.predictions, below.predictions) == (1, 0)
    # What is not drawn is told, so that a better score can be given.
    assert below.highest_score == 0.75
