"""Regions are drawn where they are, with their masks, and labels inside the picture."""

import numpy as np
from PIL import Image, ImageColor

from made_up_detections import exact, made_up_split
from rexpand.report.theme import LIGHT
from rexpand.transfer.detection.drawing import (
    Mark,
    beside,
    cropped,
    marked,
    predicted_marks,
    truth_marks,
)

COLOR = LIGHT.categories[0]
RGB = ImageColor.getrgb(COLOR)


def blank(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (128, 128, 128))


def is_colored(image: Image.Image) -> np.ndarray:
    return (np.asarray(image) == RGB).all(-1)


def test_an_outline_lies_on_its_box() -> None:
    image = blank(800, 600)  # of a size that stays as it is

    drawn = is_colored(marked(image, [Mark(box=(100, 50, 300, 200), color=COLOR)]))

    rows, columns = (np.flatnonzero(drawn.any(axis)) for axis in (1, 0))
    assert (columns[0], rows[0], columns[-1], rows[-1]) == (100, 50, 300, 200)
    # Nothing is filled.
    assert not drawn[100, 200]


def test_a_small_image_is_enlarged_so_that_labels_can_be_read() -> None:
    drawn = marked(blank(64, 32), [Mark(box=(8, 8, 16, 16), color=COLOR, label="bar")])

    assert drawn.size == (720, 360)
    assert is_colored(drawn).any()


def test_a_large_image_is_reduced() -> None:
    assert marked(blank(4000, 1000), []).size == (1280, 320)


def test_a_mask_lets_the_image_through() -> None:
    image = blank(720, 720)
    inside = np.zeros((720, 720), bool)
    inside[100:200, 100:200] = True
    mark = Mark(box=(0, 0, 720, 720), color=COLOR, mask=inside)

    pixels = np.asarray(marked(image, [mark]), float)

    expected = 128 + 0.42 * (np.array(RGB) - 128)
    assert np.abs(pixels[150, 150] - expected).max() <= 1
    assert (pixels[300, 300] == 128).all()


def test_a_label_stays_inside_the_picture() -> None:
    label = "a very long name of a class 0.98"
    image = blank(720, 720)

    for box in ((0, 0, 20, 20), (700, 700, 719, 719), (710, 0, 719, 9)):
        plain = is_colored(marked(image, [Mark(box=box, color=COLOR)]))
        named = is_colored(marked(image, [Mark(box=box, color=COLOR, label=label)]))
        # The whole label: as many pixels wherever it is.
        assert named.sum() - plain.sum() > 1500


def test_labels_of_one_place_lie_beside_each_other() -> None:
    first, second = LIGHT.categories[:2]
    box = (100, 300, 300, 500)
    marks = [
        Mark(box=box, color=first, label="cat"),
        Mark(box=box, color=second, label="cat"),
    ]

    bare = Mark(box=box, color=first)

    label = is_colored(marked(blank(720, 720), marks[:1])).sum()
    label -= is_colored(marked(blank(720, 720), [bare])).sum()
    seen = is_colored(marked(blank(720, 720), marks)).sum()

    # The outlines lie on each other, and the first label is as whole as alone.
    assert seen >= 0.9 * label > 0


def test_a_reversed_box_is_drawn_and_no_failure() -> None:
    assert marked(blank(720, 720), [Mark(box=(50, 50, 20, 20), color=COLOR)])


def test_predictions_have_scores_and_truth_has_names(tmp_path) -> None:
    split = made_up_split(tmp_path, images=3)
    place = next(n for n, i in enumerate(split.images) if i.instances[-1].is_crowd)
    image, prediction = split.images[place], exact(split)[place]

    truth = truth_marks(image, split.class_names)
    found = predicted_marks(prediction, split.class_names)

    assert (
        truth[-1].label == f"crowd of {split.class_names[image.instances[-1].category]}"
    )
    assert len(found) == len(truth) - 1
    assert all(each.label.endswith(" 1.00") for each in found)
    assert all(e.mask is not None and e.mask.any() for e in [*truth, *found])
    # A class has one colour, in the truth and in what is predicted.
    colors = {each.label.removesuffix(" 1.00"): each.color for each in found}
    assert all(colors.get(e.label, e.color) == e.color for e in truth)


def test_panels_stand_beside_each_other_under_their_titles() -> None:
    sheet = beside([("Truth: 2", blank(480, 300)), ("Predictions: 3", blank(480, 300))])

    assert sheet.width > 2 * 480
    assert sheet.height > 300
    grey = (np.asarray(sheet) == 128).all(-1)
    assert grey.sum() == 2 * 480 * 300


def test_a_crop_shows_its_marks_with_room_around_them() -> None:
    image = blank(640, 480)

    drawn = cropped(image, [Mark(box=(300, 200, 340, 220), color=COLOR)], 224)

    assert drawn.size == (224, 224)
    rows, columns = (np.flatnonzero(is_colored(drawn).any(axis)) for axis in (1, 0))
    assert 20 < columns[0] < columns[-1] < 204
    assert 20 < rows[0] < rows[-1] < 204


def test_a_crop_at_the_corner_ends_with_the_image() -> None:
    drawn = cropped(blank(100, 100), [Mark(box=(-5, -5, 10, 10), color=COLOR)], 224)

    assert max(drawn.size) == 224
    assert is_colored(drawn).any()
