"""The page that shows the fronts of several studies over each other."""

from pathlib import Path

from rexpand.records import FrontComparison, merged
from rexpand.report import costs, markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.front_rows import StudyRow, fronts_findings, fronts_rows
from rexpand.report.front_section import front_findings, front_table
from rexpand.report.markup import Cell, Column
from rexpand.report.measures import words_of

_COLUMNS = (
    Column(title="Study"),
    Column(title="Trials", is_number=True),
    Column(title="On the front", is_number=True),
    Column(title="Hypervolume", is_number=True, hint="points"),
    Column(title="95 % interval", is_number=True, hint="of what other seeds change"),
    Column(title="Knee"),
)


def fronts_page(found: FrontComparison, figure: Figure) -> str:
    """The fronts as one HTML document: together, then each for itself.

    Raises MissingExtraError without the `report` extra.
    """
    reference, *differences = fronts_findings(found)
    table = markup.table(
        _COLUMNS,
        [_cells(row) for row in fronts_rows(found)],
        reference,
        "groups",
    )
    said = "".join(markup.paragraph(text) for text in differences)
    each = "".join(
        markup.section(
            study.study,
            "".join(markup.paragraph(text) for text in front_findings(study.front))
            + front_table(study.front),
            f"study-{number}",
        )
        for number, study in enumerate(found.studies)
    )
    body = [
        markup.section("Fronts", markup.figure(1, figure) + table + said, "fronts"),
        each,
        provenance(merged(p for study in found.studies for p in study.provenances)),
    ]
    first = found.studies[0]
    return document(
        title=f"{words_of(first.front.measure).title} against {costs.together(first.front.costs)}",
        kicker=f"Fronts · {first.data}",
        lead=" ".join(differences) or reference,
        body="".join(body),
        figures=[figure],
    )


def fronts_figure(found: FrontComparison) -> Figure:
    """The fronts of all studies over each other."""
    from rexpand.report import charts

    first = found.studies[0].front
    names = first.costs
    line = (
        "The line of a study is its front: no finished trial of it costs no more and is "
        f"{words_of(first.measure).equal}."
        if len(names) == 1
        else f"Points are the trials of the fronts in {costs.together(names)}."
    )
    return Figure(
        name="fronts",
        title="Fronts",
        caption=f"{line} Faint: trials that the seeds do not tell from the front.",
        spec=charts.several_fronts(found.studies).to_dict(),
    )


def write_fronts_report(found: FrontComparison, folder: str | Path) -> ReportFiles:
    """Write the page and its figure, as `write_study_report` does."""
    figure = fronts_figure(found)
    return write_report(fronts_page(found, figure), [figure], folder)


def _cells(row: StudyRow) -> list[Cell]:
    return [
        Cell(text=row.study),
        Cell(text=str(row.trials), is_number=True),
        Cell(text=str(row.on_front), is_number=True),
        Cell(text=row.hypervolume, is_number=True),
        Cell(text=row.interval, is_number=True),
        Cell(text=row.knee),
    ]
