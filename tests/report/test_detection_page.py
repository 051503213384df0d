"""The page of a detector says what it finds, of what, and shows its worst mistakes."""

import re
from dataclasses import replace

from detected import BOX, SCORES, detection_result
from rexpand.records import KindCount, RecipeChange
from rexpand.report import DetectionResult, charts, detection_page
from rexpand.report.detection_findings import (
    detection_cautions,
    detection_finding,
    kinds_finding,
    operating_finding,
    size_finding,
)
from rexpand.report.detection_mistakes import with_background

RESULT = detection_result()
EMPTY = replace(
    BOX,
    **dict.fromkeys(("ap", "ap50", "ap75", "ap_medium", "ap_large"), None),
    classes=(BOX.classes[1],) * 2,
    curves=(replace(BOX.curves[0], precisions=()),),
)


def table(page: str, identifier: str) -> str:
    return page.split(f'<section id="{identifier}"')[1].split("</section>")[0]


def test_the_lead_says_the_average_precision_on_how_many_images() -> None:
    said = detection_finding(SCORES, "net", "held-out of shapes")

    assert said == (
        "net reaches a box AP of 0.500 (0.750 where half of the overlap is enough) on 3 "
        "images (held-out of shapes) with 4 objects."
    )
    assert "and a mask AP of 0.500 on" in detection_finding(
        replace(SCORES, mask=BOX), "net", "held-out of shapes"
    )


def test_without_objects_the_lead_says_that_nothing_is_defined() -> None:
    said = detection_finding(replace(SCORES, box=EMPTY), "net", "test of shapes")

    assert said.startswith("net: 3 images (test of shapes) hold no object")


def test_the_page_says_from_which_score_predictions_are_best_taken() -> None:
    assert operating_finding(SCORES).startswith(
        "Predictions are best taken from a score of 0.50 on, where F1 is highest: 50 % "
    )
    assert "no score" in operating_finding(replace(SCORES, operating=None))


def test_few_images_and_classes_without_objects_are_cautions() -> None:
    few, unseen = detection_cautions(SCORES)

    assert few.startswith("3 images are few")
    assert unseen.startswith("1 of the 2 classes have no object in these images")
    large = replace(SCORES, images=5000, box=replace(BOX, classes=BOX.classes[:1] * 2))
    assert detection_cautions(large) == ()


def test_the_sizes_are_compared_where_two_have_objects() -> None:
    sizes = replace(BOX, ap_small=0.125, ap_medium=0.5, ap_large=None)

    assert size_finding(sizes) == (
        "Medium objects are found best (0.500), small ones worst (0.125)."
    )
    assert size_finding(replace(sizes, ap_small=None)) == ""


def test_the_kinds_of_false_positives_are_counted_the_most_frequent_first() -> None:
    assert RESULT.mistakes is not None
    counts = (KindCount(kind="class", count=2), KindCount(kind="background", count=7))
    mistakes = replace(RESULT.mistakes, kinds=counts, missed=1)

    assert kinds_finding(mistakes) == (
        "From a score of 0.50 on there are 9 false positives: 7 where no such object is "
        "and 2 on an object of another class. 1 object is missed."
    )
    assert "there is no false positive" in kinds_finding(replace(mistakes, kinds=()))


def test_the_page_has_its_figures_and_both_regions() -> None:
    page = detection_page(RESULT)

    assert re.findall(r'data-chart="(\w+)"', page) == [
        *("precision_recall", "losses", "average_precision", "confusion"),
    ]
    regions = table(page, "average-precision")
    assert "<td>boxes</td>" in regions
    assert "<td>masks</td>" in regions
    # Small objects are not there.
    assert '<td class="number">-</td>' in regions


def test_what_is_not_known_is_not_on_the_page() -> None:
    bare = DetectionResult(name="net", data="shapes", judged="test", scores=SCORES)

    page = detection_page(bare)

    assert re.findall(r'data-chart="(\w+)"', page) == ["precision_recall", "confusion"]
    for absent in ("false-positives", "misses", "recipe", "changes", "machines"):
        assert f'<section id="{absent}"' not in page
    assert "<td>masks</td>" not in page


def test_the_changes_of_the_recipe_are_told() -> None:
    change = RecipeChange(
        epoch=1, step=3, field="epochs", before="2", after="3", reason="asked"
    )

    changes = table(
        detection_page(replace(RESULT, seed=4, changes=(change,))), "changes"
    )

    cells = re.findall(r"<td[^>]*>([^<]*)</td>", changes)
    assert cells == ["4", "epochs", "2", "3", "2", "4", "asked for"]


def test_a_class_has_a_row_if_anything_is_known_of_it() -> None:
    unknown = replace(BOX.classes[1], predictions=0)
    box = replace(BOX, classes=(BOX.classes[0], unknown))

    classes = table(
        detection_page(replace(RESULT, scores=replace(SCORES, box=box))), "classes"
    )

    assert classes.count("<tr>") == 1 + 1
    assert "<td>cat</td>" in classes


def test_a_page_without_any_prediction_can_be_written() -> None:
    nothing = replace(SCORES, operating=None, confusions=(), predictions=0)

    page = detection_page(replace(RESULT, scores=nothing, mistakes=None))

    assert 'id="confusions"' not in page


def test_pictures_say_what_is_wrong() -> None:
    page = detection_page(RESULT)

    false_positives = table(page, "false-positives")
    for said in ("found already", "overlap only 75 %", "score 0.90, background"):
        assert said in false_positives
    assert "400 pixels, taken for Cypripedium" in table(page, "misses").replace(
        "<wbr>", ""
    )
    assert false_positives.count('src="data:image/png;base64,') == 4


def test_the_confusion_has_the_background_last() -> None:
    judgement = with_background(SCORES)

    assert judgement.class_names == ("cat", "dog", "background")
    assert {(c.label, c.guess): c.images for c in judgement.confusions} == {
        (0, 0): 4,
        (2, 1): 2,
    }


def test_of_many_classes_those_that_have_room_for_their_names_are_drawn() -> None:
    many = detection_result(80)

    page = detection_page(many)

    assert "Drawn are the 40 of 81 rows with the most mistakes." in page
    # The background takes part in every mistake.
    assert 80 in charts.drawn_classes(with_background(many.scores), 40)


def test_each_of_few_classes_has_its_curve_behind_the_mean() -> None:
    few, many = detection_result(5), detection_result(80)

    assert charts.has_class_curves(few.scores)
    assert not charts.has_class_curves(many.scores)
