"""What a trained network takes for what: its matrix, the pairs, the worst images."""

from collections.abc import Sequence
from html import escape
from pathlib import PurePath

from rexpand.records import Example, Judgement, Record
from rexpand.report import formats, markup
from rexpand.report.figures import Figure
from rexpand.report.markup import Cell, Column

_PAIRS = 20  # rows of the table
_WORST = 24  # pictures
_FEW = 12  # classes whose matrix has its numbers, and needs no table

_COLUMNS = (
    Column(title="True class"),
    Column(title="Taken for"),
    Column(title="Images", is_number=True),
    Column(title="Of the class (%)", is_number=True),
)


def mistaken_images(records: Sequence[Record]) -> str:
    """The images that a judgement is of: test images; of several seeds all of theirs."""
    images = f"{records[0].evaluated_on} images"
    return images if len(records) == 1 else f"{images} of {len(records)} seeds together"


def confusion_figure(judgement: Judgement, images: str) -> Figure:
    """The matrix of the classes; `images` says which images: test images."""
    from rexpand.report import charts

    count, drawn = len(judgement.class_names), charts.drawn_classes(judgement)
    shown = (
        f"all {count} classes"
        if len(drawn) == count
        else f"the {len(drawn)} of {count} classes that take part in the most mistakes"
    )
    numbers = " Numbers are images." if len(drawn) <= _FEW else ""
    return Figure(
        name="confusion",
        title="Confusion matrix",
        caption=(
            f"Each row is a class of the {images}: the share that was taken for each "
            f"class, {shown}. What is right lies on the diagonal.{numbers}"
        ),
        spec=charts.confusion_matrix(judgement).to_dict(),
    )


def confused_pairs(judgement: Judgement, images: str) -> str:
    """A table of the most frequent mistakes; empty where the matrix has the numbers."""
    mistakes = judgement.mistakes()
    if len(judgement.class_names) <= _FEW or not mistakes:
        return ""
    of_class = judgement.images_of()
    rows = []
    for each in mistakes[:_PAIRS]:
        share = 100 * each.images / of_class[each.label]
        rows.append(
            [
                Cell(text=judgement.class_names[each.label]),
                Cell(text=judgement.class_names[each.guess]),
                Cell(text=f"{each.images}", value=each.images, is_number=True),
                Cell(text=formats.percent(share), value=share, is_number=True),
            ]
        )
    wrong = sum(each.images for each in mistakes)
    caption = (
        f"The most frequent of {formats.plural(len(mistakes), 'pair')} of classes, with "
        f"{formats.plural(wrong, 'mistake')} on the {images}."
    )
    return markup.table(_COLUMNS, rows, caption, "sortable")


def worst_examples(judgement: Judgement, images: str) -> str:
    """The images with the highest loss as pictures; empty if there are none."""
    if not judgement.worst:
        return ""
    items = "".join(_example(each, judgement) for each in judgement.worst[:_WORST])
    said = markup.paragraph(
        f"The {images} with the highest loss, as the network saw them: the true class, "
        "and the most probable one with its probability.",
        "note",
    )
    return markup.section(
        "Worst examples", f'{said}<ul class="examples">{items}</ul>', "worst"
    )


def _example(each: Example, judgement: Judgement) -> str:
    label, guess = (judgement.class_names[n] for n in (each.label, each.guess))
    image = f"image {each.image}"
    if each.name is not None:
        image = "/".join(PurePath(each.name).parts[-2:])
    found = f"{formats.percent(100 * each.probability)}&nbsp;%"
    is_right = each.label == each.guess
    said = "right" if is_right else f"taken for {markup.breakable(guess)}"
    return (
        f'<li><img src="{escape(each.picture)}" alt="{escape(image)}" '
        f'title="{escape(image)}, loss {each.loss:.2f}">'
        f"<strong>{markup.breakable(label)}</strong>"
        f"<span>{said}, {found}</span></li>"
    )
