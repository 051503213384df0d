"""The page of a detector: how much it finds, of what, and its worst mistakes."""

from pathlib import Path

from rexpand.records import ClassScores, RegionScores
from rexpand.report import markup
from rexpand.report.detection_figures import detection_figures
from rexpand.report.detection_findings import (
    detection_cautions,
    detection_finding,
    measure,
    operating_finding,
    share,
    size_finding,
)
from rexpand.report.detection_mistakes import worst_false_positives, worst_misses
from rexpand.report.detection_result import DetectionResult
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column
from rexpand.report.training_changes import recipe_changes

_REGIONS = (
    Column(title="Of"),
    Column(title="AP", is_number=True, hint="mean over overlaps of 0.5 to 0.95"),
    Column(title="AP50", is_number=True, hint="half of the overlap is enough"),
    Column(title="AP75", is_number=True, hint="three quarters of it"),
    Column(title="Small", is_number=True, hint="AP of areas under 32 x 32 pixels"),
    Column(title="Medium", is_number=True, hint="AP of those up to 96 x 96"),
    Column(title="Large", is_number=True, hint="AP of those over 96 x 96"),
    Column(title="Recall, 1", is_number=True, hint="1 prediction an image and class"),
    Column(title="Recall, 10", is_number=True, hint="at most 10 of them"),
    Column(title="Recall, 100", is_number=True, hint="at most 100 of them"),
)
_CLASSES = (
    Column(title="Class"),
    Column(title="Objects", is_number=True),
    Column(title="Predictions", is_number=True, hint="of any score"),
    Column(title="Box AP", is_number=True),
    Column(title="AP50", is_number=True),
    Column(title="Small", is_number=True),
    Column(title="Medium", is_number=True),
    Column(title="Large", is_number=True),
    Column(title="Recall", is_number=True, hint="at most 100 predictions an image"),
)
_MASK_AP = Column(title="Mask AP", is_number=True)


def write_detection_report(result: DetectionResult, folder: str | Path) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    figures = detection_figures(result)
    return write_report(detection_page(result, figures), figures, Path(folder))


def detection_page(
    result: DetectionResult, figures: tuple[Figure, ...] | None = None
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra.

    `figures` saves drawing those of `detection_figures(result)` again.
    """
    drawn = detection_figures(result) if figures is None else figures
    shown = {
        each.name: markup.figure(number, each)
        for number, each in enumerate(drawn, start=1)
    }
    confusion = shown.pop("confusion", "")
    scores, mistakes = result.scores, result.mistakes
    curves = f'<div class="figures">{"".join(shown.values())}</div>' if shown else ""
    body = [
        *(markup.paragraph(text, "caution") for text in detection_cautions(scores)),
        markup.facts(_facts(result)),
        _average_precision(result),
        markup.section("Curves", curves, "curves") if curves else "",
        _classes(result),
        markup.section(
            "What is taken for what",
            f'<div class="figures">{confusion}</div>',
            "confusions",
        )
        if confusion
        else "",
        worst_false_positives(mistakes) if mistakes else "",
        worst_misses(mistakes) if mistakes else "",
        markup.section("Recipe", markup.definitions(result.recipe), "recipe")
        if result.recipe
        else "",
        recipe_changes((result.seed or 0, each) for each in result.changes),
        provenance(result.provenances) if result.provenances else "",
    ]
    return document(
        title=result.name,
        kicker=f"Detection · {result.data}",
        lead=detection_finding(
            scores, result.name, f"{result.judged} of {result.data}"
        ),
        body="".join(body),
        figures=drawn,
    )


def _facts(result: DetectionResult) -> list[tuple[str, str]]:
    scores, point = result.scores, result.scores.operating
    return [
        ("Box AP", measure(scores.box_ap)),
        ("Box AP50", measure(scores.box_ap50)),
        *([("Mask AP", measure(scores.mask_ap))] if scores.mask else []),
        ("Images", f"{scores.images:,}"),
        ("Objects", f"{scores.instances:,}"),
        *([("Crowds", f"{scores.crowds:,}")] if scores.crowds else []),
        ("Predictions", f"{scores.predictions:,}"),
        *([("Best score", f"{point.score:.2f}")] if point else []),
        *([("Precision there", share(point.precision))] if point else []),
        *([("Recall there", share(point.recall))] if point else []),
        *result.facts,
    ]


def _average_precision(result: DetectionResult) -> str:
    scores = result.scores
    regions = [("boxes", scores.box), ("masks", scores.mask)]
    rows = [[Cell(text=n), *_region(r)] for n, r in regions if r is not None]
    caption = (
        "COCO's average precision and recall, from 0 to 1; a dash is what no object "
        f"defines. {size_finding(scores.box)}".strip()
    )
    said = markup.paragraph(operating_finding(scores), "note")
    body = markup.table(_REGIONS, rows, caption) + said
    return markup.section("Average precision", body, "average-precision")


def _region(region: RegionScores) -> list[Cell]:
    values = (
        *(region.ap, region.ap50, region.ap75),
        *(region.ap_small, region.ap_medium, region.ap_large),
        *(region.recall_1, region.recall_10, region.recall_100),
    )
    return [_measured(value) for value in values]


def _classes(result: DetectionResult) -> str:
    """A row per class that has objects or predictions."""
    scores = result.scores
    masks = scores.mask.classes if scores.mask else ()
    rows = [
        [
            *_class(name, scores.box.classes[place]),
            *([_measured(masks[place].ap)] if masks else []),
        ]
        for place, name in enumerate(scores.class_names)
        if scores.box.classes[place].instances or scores.box.classes[place].predictions
    ]
    columns = (*_CLASSES, _MASK_AP) if masks else _CLASSES
    caption = "Every class that has objects or predictions in these images."
    table = markup.table(columns, rows, caption, "sortable")
    return markup.section("Classes", table, "classes")


def _class(name: str, found: ClassScores) -> list[Cell]:
    counts = (found.instances, found.predictions)
    values = (
        *(found.ap, found.ap50, found.ap_small, found.ap_medium, found.ap_large),
        found.recall,
    )
    return [
        Cell(text=name),
        *(Cell(text=f"{each:,}", value=each, is_number=True) for each in counts),
        *map(_measured, values),
    ]


def _measured(value: float | None) -> Cell:
    return Cell(text=measure(value), value=value, is_number=True)
