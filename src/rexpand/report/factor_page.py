"""The page of a factor analysis: the paper's Table 2, with intervals."""

from collections.abc import Sequence
from pathlib import Path

from rexpand.records import FactorRow, FactorSummary
from rexpand.report import formats, markup
from rexpand.report.correlation_findings import correlations_section
from rexpand.report.document import document, provenance, recipe
from rexpand.report.factor_findings import agreement, factor_cautions, factor_finding
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Row"),
    Column(title="Widths", hint="stem and the two blocks"),
    Column(title="Params", is_number=True),
    Column(title="Macs", is_number=True),
    Column(title="Top-1 (%)", is_number=True),
    Column(title="Gain", is_number=True, hint="over the row above, seed by seed"),
    Column(title="Nuclear norm", is_number=True),
    Column(
        title="Gain in norm", is_number=True, hint="over the row above, seed by seed"
    ),
    Column(title="Effective rank", is_number=True),
    Column(title="Published", is_number=True, hint="top-1 and nuclear norm in Table 2"),
    Column(title="Holds", hint="does accuracy change as published?"),
)

_HOLDS = {"holds": "yes", "does not hold": "no", "undecided": "undecided"}


def write_factor_report(summary: FactorSummary, folder: str | Path) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    folder = Path(folder)
    figures = factor_figures(summary)
    return write_report(factor_page(summary, figures), figures, folder)


def factor_figures(summary: FactorSummary) -> tuple[Figure, ...]:
    """Accuracy, nuclear norm and effective rank by row, and accuracy against norm."""
    from rexpand.report import charts

    spread = (
        f"One point per seed, the mean, and its {100 * summary.confidence:.0f} % interval "
        "(Student's t)."
    )
    drawn = (
        ("factors_accuracy", "Accuracy", spread, charts.by_row(summary, "accuracy")),
        (
            "factors_nuclear_norm",
            "Nuclear norm",
            f"Of the penultimate features. {spread}",
            charts.by_row(summary, "nuclear_norm"),
        ),
        (
            "factors_effective_rank",
            "Effective rank",
            f"Of the same singular values, and free of their scale. {spread}",
            charts.by_row(summary, "effective_rank"),
        ),
        (
            "factors_accuracy_norm",
            "Accuracy against nuclear norm",
            "One point per training.",
            charts.accuracy_by_rank(summary),
        ),
    )
    return tuple(
        Figure(
            name=name, title=title, caption=text, spec=chart.to_dict(), is_wide=False
        )
        for name, title, text, chart in drawn
        if chart is not None
    )


def factor_page(summary: FactorSummary, figures: Sequence[Figure] | None = None) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = factor_figures(summary) if figures is None else tuple(figures)
    shown = "".join(markup.figure(n, each) for n, each in enumerate(drawn, start=1))
    body = [
        *(markup.paragraph(text, "caution") for text in factor_cautions(summary)),
        markup.facts(_facts(summary)),
        markup.section("Table 2", _table(summary), "table"),
        markup.section("Figures", f'<div class="figures">{shown}</div>', "figures"),
        correlations_section(
            summary.correlations, sum(len(r.seeds) for r in summary.rows), "training"
        ),
        recipe(summary.recipe),
        provenance(summary.provenances),
    ]
    return document(
        title="Factor analysis",
        kicker=f"Two inverted bottlenecks · {summary.data}",
        lead=factor_finding(summary),
        body="".join(body),
        figures=drawn,
    )


def _facts(summary: FactorSummary) -> list[tuple[str, str]]:
    done = sum(len(row.seeds) for row in summary.rows)
    judged = (
        f"{summary.held_out:,} validation images" if summary.held_out else "test images"
    )
    return [
        ("Setting", summary.setting),
        ("Budget", f"{formats.count(summary.macs)} macs"),
        ("Trainings", f"{done} of {len(summary.rows) * summary.seeds}"),
        ("Training images", f"{summary.images:,}"),
        ("Measured on", judged),
        ("Training time", formats.duration(summary.seconds)),
    ]


def _table(summary: FactorSummary) -> str:
    caption = (
        "Mean ± half the 95 % interval (Student's t) over the seeds; gains are paired "
        "seed by seed. Published: Table 2 of arXiv 2007.00992, 100M macs."
    )
    above: Sequence[FactorRow | None] = (None, *summary.rows)
    rows = [_cells(row, last) for row, last in zip(summary.rows, above, strict=False)]
    return markup.table(_COLUMNS, rows, caption, "groups")


def _cells(row: FactorRow, above: FactorRow | None) -> list[Cell]:
    texts = [
        formats.count(row.params),
        formats.count(row.macs),
        formats.interval(row.accuracy, 2),
        formats.interval(row.accuracy_gain, 2, sign="+"),
        formats.interval(row.nuclear_norm, 0),
        formats.interval(row.nuclear_norm_gain, 0, sign="+"),
        formats.interval(row.effective_rank, 1),
        f"{row.published_accuracy:.1f}, {row.published_nuclear_norm:.0f}",
    ]
    return [
        Cell(text=row.name),
        Cell(text=formats.configuration((row.stem, *row.channels))),
        *(Cell(text=text, is_number=True) for text in texts),
        Cell(text=_HOLDS[agreement(row, above)] if above else ""),
    ]
