"""The scores and mistakes of a detector are read as they were written, or refused."""

from dataclasses import replace

import pytest

from detected import BOX, MISTAKES, SCORES
from rexpand.codec import to_document
from rexpand.errors import RecordError
from rexpand.records import (
    DETECTION_MISTAKES,
    DetectionScores,
    detection_mistakes_of,
    read_record,
)


@pytest.mark.parametrize(
    "scores", [SCORES, replace(SCORES, mask=BOX, operating=None, confusions=())]
)
def test_scores_are_read_as_they_were_written(tmp_path, scores) -> None:
    path = tmp_path / "scores.json"
    path.write_text(to_document(scores))

    assert read_record(DetectionScores, path) == scores


def test_the_headline_has_the_names_of_the_field() -> None:
    boxes = SCORES.headline()
    both = replace(SCORES, mask=replace(BOX, ap=0.125)).headline()

    assert (boxes["box_ap"], boxes["box_ap50"], boxes["box_ap75"]) == (0.5, 0.75, 0.25)
    # What is not defined is said, and masks that are not there are not.
    assert boxes["box_ap_small"] is None
    assert not any(name.startswith("mask") for name in boxes)
    assert both["mask_ap"] == 0.125
    assert len(both) == 2 * len(boxes) == 24


def test_a_value_of_the_headline_is_one_of_the_record() -> None:
    scores = replace(SCORES, mask=replace(BOX, ap=0.125))

    assert (scores.box_ap, scores.box_ap50, scores.box_ap75) == (0.5, 0.75, 0.25)
    assert (scores.mask_ap, SCORES.mask_ap) == (0.125, None)


def test_f1_is_the_harmonic_mean() -> None:
    assert SCORES.operating is not None
    # 2 * 0.5 * 1 / 1.5
    assert SCORES.operating.f1 == pytest.approx(2 / 3, rel=1e-15)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"label": 0,', '"label": 2,'), "class 2 has no name; there are 2"),
        (('"ap": 0.5,', '"ap": 24.7,'), "24.7"),
        (('"version": 1', '"version": 7'), "version 7"),
    ],
)
def test_damaged_scores_are_refused(tmp_path, change, said) -> None:
    path = tmp_path / "scores.json"
    path.write_text(to_document(SCORES).replace(*change))

    with pytest.raises(RecordError, match=said):
        read_record(DetectionScores, path)


def test_scores_are_those_of_every_class() -> None:
    with pytest.raises(RecordError, match="2 classes have scores; there are 3"):
        replace(SCORES, class_names=("cat", "dog", "cow"))


def test_mistakes_are_found_in_the_folder_of_their_run(tmp_path) -> None:
    before = detection_mistakes_of(tmp_path)
    (tmp_path / DETECTION_MISTAKES).write_text(to_document(MISTAKES))

    assert before is None
    assert detection_mistakes_of(tmp_path) == MISTAKES


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"taken_for": 1', '"taken_for": 5'), "class 5 has no name; there are 2"),
        (("data:image/png", "data:text/html"), "picture is no small PNG or JPEG"),
        (('"kind": "class"', '"kind": "odd"'), "odd"),
    ],
)
def test_damaged_mistakes_are_refused(tmp_path, change, said) -> None:
    text = to_document(MISTAKES).replace(*change)
    (tmp_path / DETECTION_MISTAKES).write_text(text)

    with pytest.raises(RecordError, match=said):
        detection_mistakes_of(tmp_path)
