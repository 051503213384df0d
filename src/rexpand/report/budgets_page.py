"""The page of studies of one network within several budgets."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rexpand.records import BudgetComparison
from rexpand.report import formats, markup
from rexpand.report.budget_findings import finding, lines_finding, shapes_findings
from rexpand.report.budget_rows import (
    BudgetRow,
    ShapeBudgetRow,
    budget_rows,
    shape_budget_rows,
)
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_BUDGETS = (
    Column(title="Budget"),
    Column(title="Study"),
    Column(title="Trials", is_number=True, hint="finished, of all"),
    Column(title="Accuracy (%)", is_number=True, hint="of the best tenth"),
    Column(title="Slope", is_number=True, hint="channels per block, 95 % interval"),
    Column(title="Intercept", is_number=True, hint="channels, at the first block"),
    Column(title="R²", is_number=True),
    Column(title="Best configuration"),
)
_SHAPES = (
    Column(title="Budget"),
    Column(title="Shape"),
    Column(title="Trials", is_number=True),
    Column(title="Accuracy (%)", is_number=True, hint="mean, half its 95 % interval"),
    Column(title="Best (%)", is_number=True),
    Column(title="Linear less it (points)", is_number=True, hint="95 % interval"),
    Column(title="p, all pairs", is_number=True, hint="Welch's test, by Holm"),
)


def budget_figures(found: BudgetComparison) -> tuple[Figure, ...]:
    """The figures that there is data for, in the order of the page."""
    from rexpand.report import charts

    drawn = (
        (
            "channels_by_budget",
            "Channels of the best tenth within each budget",
            (
                "Mean channels of the best tenth of the trials of each study; the bands "
                "are one standard deviation either way. Dashed: the line fitted to them. "
                "Drawn as Figure 4 of arXiv 2007.00992."
            ),
            charts.channels_by_budget(found),
        ),
        (
            "shapes_by_budget",
            "Accuracy of the shapes within each budget",
            (
                "Mean accuracy of all finished trials of each shape, with its interval of "
                "95 %."
            ),
            charts.shapes_by_budget(found),
        ),
    )
    return tuple(
        Figure(name=name, title=title, caption=caption, spec=chart.to_dict())
        for name, title, caption, chart in drawn
        if chart is not None
    )


def budgets_page(
    found: BudgetComparison, figures: Sequence[Figure] | None = None
) -> str:
    """The report of several studies as one HTML document.

    `figures` saves drawing those of `budget_figures(found)` again. Raises
    MissingExtraError without the `report` extra.
    """
    drawn = budget_figures(found) if figures is None else tuple(figures)
    numbered = {
        figure.name: markup.figure(n, figure) for n, figure in enumerate(drawn, start=1)
    }
    body = [
        *(markup.paragraph(f"{each}.", "caution") for each in _cautions(found)),
        _channels(found, numbered.get("channels_by_budget", "")),
        _shapes(found, numbered.get("shapes_by_budget", "")),
        provenance(found.provenances),
    ]
    return document(
        title=f"{found.network} within {len(found.studies)} budgets",
        kicker=f"Channel searches · {found.network} · {found.data}",
        lead=finding(found),
        body="".join(body),
        figures=drawn,
    )


def write_budgets_report(found: BudgetComparison, folder: str | Path) -> ReportFiles:
    """Write the page and its figures below `folder`, as `write_study_report` does."""
    figures = budget_figures(found)
    return write_report(budgets_page(found, figures), figures, Path(folder))


def _cautions(found: BudgetComparison) -> Iterator[str]:
    """What limits the comparison."""
    for each in found.differences:
        yield f"{each[0].upper()}{each[1:]}, so that accuracies cannot be compared"
    for study in found.studies:
        if study.finished < study.trials:
            missing = formats.plural(study.trials - study.finished, "trial")
            yield f"{missing} of {study.name} did not finish"


def _channels(found: BudgetComparison, figure: str) -> str:
    caption = (
        "The best tenth of the finished trials of each study: mean ± one standard "
        "deviation of their accuracies, and the line through their mean channels, with "
        "blocks counted from 0 and its intervals of 95 % (bootstrap over the trials)."
    )
    table = markup.table(_BUDGETS, map(_budget_cells, budget_rows(found)), caption)
    said = "".join(markup.paragraph(text) for text in lines_finding(found))
    return markup.section("Channels", figure + said + table, "channels")


def _shapes(found: BudgetComparison, figure: str) -> str:
    rows = shape_budget_rows(found)
    if not rows:
        return ""
    caption = (
        "All finished trials of each shape. Linear less the shape: Welch's interval; its p "
        "is adjusted over all pairs of shapes of the study."
    )
    said = "".join(markup.paragraph(text) for text in shapes_findings(found))
    table = markup.table(_SHAPES, map(_shape_cells, rows), caption, "sortable")
    return markup.section("Shapes", figure + said + table, "shapes")


def _budget_cells(row: BudgetRow) -> list[Cell]:
    return [
        Cell(text=row.budget),
        Cell(text=row.study),
        Cell(text=row.trials, is_number=True),
        Cell(text=row.accuracy, is_number=True),
        Cell(text=row.slope, is_number=True),
        Cell(text=row.intercept, is_number=True),
        Cell(text=row.r_squared, is_number=True),
        Cell(text=row.best),
    ]


def _shape_cells(row: ShapeBudgetRow) -> list[Cell]:
    return [
        Cell(text=row.budget),
        Cell(text=row.shape),
        Cell(text=str(row.trials), value=row.trials, is_number=True),
        Cell(text=row.accuracy, is_number=True),
        Cell(text=row.best, value=float(row.best), is_number=True),
        Cell(text=row.difference, is_number=True),
        Cell(text=row.p, is_number=True),
    ]
