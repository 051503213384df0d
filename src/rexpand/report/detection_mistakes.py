"""What a detector takes for what, and its worst mistakes as pictures."""

from collections.abc import Sequence
from html import escape

from rexpand.records import (
    Confusion,
    DetectionMistakes,
    DetectionScores,
    FalsePositive,
    Judgement,
    Miss,
)
from rexpand.report import formats, markup
from rexpand.report.detection_findings import kinds_finding, share
from rexpand.report.figures import Figure

_BACKGROUND = "background"
_MOST_CLASSES = 40  # that have room for their names


def detection_confusion(scores: DetectionScores) -> Figure:
    """The matrix of the classes, with a row and a column of the background."""
    from rexpand.report import charts

    judgement = with_background(scores)
    count = len(judgement.class_names)
    drawn = len(charts.drawn_classes(judgement, _MOST_CLASSES))
    some = f" Drawn are the {drawn} of {count} rows with the most mistakes."
    at = f"{scores.operating.score:.2f}" if scores.operating else "1"
    return Figure(
        name="confusion",
        title="Confusion matrix",
        caption=(
            f"Each row is a class: the share of its objects that boxes from a score of {at} "
            "on took for each class, at an overlap of half. What nothing found is in the "
            "column of the background; its row are the boxes where no object was left."
            f"{some if drawn < count else ''}"
        ),
        spec=charts.confusion_matrix(judgement, "Objects", _MOST_CLASSES).to_dict(),
    )


def with_background(scores: DetectionScores) -> Judgement:
    """The confusions as those of a classifier with one class more, the background."""
    background = len(scores.class_names)
    return Judgement(
        class_names=(*scores.class_names, _BACKGROUND),
        confusions=tuple(
            Confusion(
                label=background if each.label is None else each.label,
                guess=background if each.guess is None else each.guess,
                images=each.count,
            )
            for each in scores.confusions
        ),
        worst=(),
    )


def worst_false_positives(mistakes: DetectionMistakes) -> str:
    """The false positives with the highest scores as pictures; empty if there are none."""
    return _pictures(
        "Worst false positives",
        f"{kinds_finding(mistakes)} Those with the highest scores, in red; green is the "
        "object that they should have found.",
        [
            _item(each, mistakes.class_names[each.guess], _why(each, mistakes))
            for each in mistakes.false_positives
        ],
    )


def worst_misses(mistakes: DetectionMistakes) -> str:
    """The largest missed objects as pictures; empty if there are none."""
    return _pictures(
        "Worst misses",
        "The largest objects that no box of their class finds, in green; red are the boxes "
        "that overlap them at all.",
        [
            _item(each, mistakes.class_names[each.label], _how(each, mistakes))
            for each in mistakes.misses
        ],
    )


def _pictures(title: str, said: str, items: Sequence[str]) -> str:
    """A section of pictures below a line that explains them; empty without any."""
    if not items:
        return ""
    gallery = f'<ul class="examples wide">{"".join(items)}</ul>'
    place = title.removeprefix("Worst ").replace(" ", "-")
    return markup.section(title, markup.paragraph(said, "note") + gallery, place)


def _item(mistake: FalsePositive | Miss, name: str, said: str) -> str:
    image = escape(mistake.image)
    return (
        f'<li><img src="{escape(mistake.picture)}" alt="{image}" title="{image}">'
        f"<strong>{markup.breakable(name)}</strong><span>{markup.breakable(said)}</span></li>"
    )


def _why(found: FalsePositive, mistakes: DetectionMistakes) -> str:
    score = f"score {found.score:.2f}"
    match found.kind:
        case "duplicate":
            return f"{score}, found already"
        case "class":
            label = "" if found.label is None else mistakes.class_names[found.label]
            return f"{score}, is {label}"
        case "localisation":
            return f"{score}, overlap only {share(found.overlap)}"
        case "background":
            return f"{score}, background"


def _how(miss: Miss, mistakes: DetectionMistakes) -> str:
    size = f"{formats.count(miss.area)} pixels"
    if miss.taken_for is not None:
        return f"{size}, taken for {mistakes.class_names[miss.taken_for]}"
    if miss.overlap:
        return f"{size}, best overlap {share(miss.overlap)}"
    return f"{size}, not seen"
