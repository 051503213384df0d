"""A training's page shows what was taken for what, and the worst images."""

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image

from rexpand.codec import to_line
from rexpand.errors import RecordError
from rexpand.records import Confusion, Example, Judgement, judgement_of, together
from rexpand.report import charts, training_page
from rexpand.report.training_mistakes import confused_pairs, worst_examples


def picture() -> str:
    file = io.BytesIO()
    Image.new("L", (8, 8), 200).save(file, "png")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def build_judgement(classes: int) -> Judgement:
    """Of every class 90 images are right, and 10 go to the next two."""
    confusions = [
        Confusion(label=label, guess=(label + step) % classes, images=images)
        for label in range(classes)
        for step, images in ((0, 90), (1, 7), (2, 3))
    ]
    example = Example(
        image=3, label=0, guess=1, probability=0.876, loss=4.2, picture=picture()
    )
    return Judgement(
        class_names=tuple(f"kind <{place}>" for place in range(classes)),
        confusions=tuple(confusions),
        worst=(example, replace(example, guess=0, name="/set/val/oak/5.jpg")),
    )


def rows(judgement: Judgement) -> list[dict[str, object]]:
    spec = charts.confusion_matrix(judgement).to_dict()
    return spec["datasets"][spec["data"]["name"]]


def test_the_matrix_gives_shares_of_the_true_class() -> None:
    found = {(row["label"], row["guess"]): row for row in rows(build_judgement(10))}

    assert len(found) == 30
    assert (found["0", "0"]["share"], found["0", "1"]["share"]) == (90, 7)
    assert found["9", "0"]["images"] == 7


def test_few_classes_have_their_numbers_in_the_cells_and_no_table() -> None:
    few, many = build_judgement(10), build_judgement(30)

    assert len(charts.confusion_matrix(few).to_dict()["layer"]) == 3
    assert len(charts.confusion_matrix(many).to_dict()["layer"]) == 1
    assert confused_pairs(few, "test images") == ""
    assert confused_pairs(many, "test images").count("<tr>") == 1 + 20


def test_of_hundreds_of_classes_those_with_the_most_mistakes_are_drawn(record) -> None:
    judgement = build_judgement(1000)
    loud = Confusion(label=700, guess=7, images=500)
    judgement = replace(judgement, confusions=(*judgement.confusions, loud))

    page = training_page([record], judgement=judgement)

    drawn = charts.drawn_classes(judgement)
    assert len(drawn) == 40
    assert {7, 700} <= set(drawn)
    assert "the 40 of 1000 classes that take part in the most mistakes" in page
    # The page of a thousand classes is hardly larger than that of a few.
    small = training_page([record], judgement=build_judgement(10))
    assert len(page) - len(small) < 100_000


def test_the_table_begins_with_the_most_frequent_mistake() -> None:
    judgement = build_judgement(30)
    loud = Confusion(label=4, guess=9, images=50)
    judgement = replace(judgement, confusions=(*judgement.confusions, loud))

    table = confused_pairs(judgement, "test images")

    first = table.split("<tbody>")[1].split("</tr>")[0]
    assert "kind &lt;4&gt;" in first
    # 50 of 150 images of that class.
    assert 'data-value="33.33333333"' in first


def test_a_picture_says_its_class_and_what_it_was_taken_for() -> None:
    found = worst_examples(build_judgement(10), "test images")

    assert "<strong>kind &lt;0&gt;</strong>" in found
    assert "taken for kind &lt;1&gt;, 87.6&nbsp;%" in found
    assert "<span>right, 87.6&nbsp;%</span>" in found
    assert 'alt="oak/5.jpg"' in found
    assert found.count('src="data:image/png;base64,') == 2


def test_the_seeds_of_a_training_are_judged_together(record) -> None:
    one, other = build_judgement(10), build_judgement(10)
    other = replace(other, confusions=(Confusion(label=0, guess=5, images=8),))

    judgement = together([one, other])
    page = training_page([record, replace(record, seed=1)], judgement=judgement)

    assert judgement is not None
    # Every image of every seed counts once; pictures are on the pages of the seeds.
    assert sum(judgement.images_of().values()) == 1000 + 8
    assert Confusion(label=0, guess=5, images=8) in judgement.confusions
    assert judgement.worst == ()
    assert "of 2 seeds together" in page
    # A seed without a judgement would be missing in silence.
    assert together([one, None]) is None


def test_a_page_without_a_judgement_has_no_mistakes(record) -> None:
    page = training_page([record])

    assert 'id="mistakes"' not in page
    assert 'id="worst"' not in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"guess": 1,', '"guess": 10,'), "class 10 has no name; there are 10"),
        (("data:image/png", "data:text/html"), "picture is no small PNG or JPEG"),
        (('"version": 1', '"version": 7'), "version 7"),
    ],
)
def test_a_damaged_judgement_is_refused(tmp_path, change, said) -> None:
    text = to_line(build_judgement(10)).replace(*change)
    (tmp_path / "judgement.json").write_text(text)

    with pytest.raises(RecordError, match=said):
        judgement_of(tmp_path)
