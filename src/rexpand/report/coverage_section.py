"""What a study drew, as a section of its page and as rows of text."""

from collections.abc import Mapping
from dataclasses import dataclass

from rexpand.records import ShapeSummary, Span, StudySummary
from rexpand.report import formats, markup
from rexpand.report.figures import COVERAGE
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Shape"),
    Column(title="Trials", is_number=True),
    Column(title="First width", is_number=True, hint="least, median and most"),
    Column(title="Last width", is_number=True, hint="least, median and most"),
    Column(title="Growth", is_number=True, hint="last width over first"),
    Column(title="Slope", is_number=True, hint="channels per block"),
    Column(title="Budget used (%)", is_number=True, hint="of each bound"),
)


@dataclass(frozen=True, kw_only=True)
class ShapeRow:
    """A shape as written: of each number the least, the median and the most."""

    shape: str
    trials: int
    first_width: str
    last_width: str
    growth: str
    slope: str
    budget_used: str


def shape_rows(shapes: tuple[ShapeSummary, ...]) -> tuple[ShapeRow, ...]:
    """The coverage of a sample, one row per shape."""
    return tuple(
        ShapeRow(
            shape=each.shape,
            trials=each.trials,
            first_width=_span(each.first_width, 0),
            last_width=_span(each.last_width, 0),
            growth=_span(each.growth, 1),
            slope=_span(each.slope, 1),
            budget_used=_used(each),
        )
        for each in shapes
    )


def coverage_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """The table under its heading, with the figures; empty where nothing was drawn."""
    if not summary.shapes:
        return ""
    rows = [
        [
            Cell(text=row.shape),
            Cell(text=str(row.trials), is_number=True),
            Cell(text=row.first_width, is_number=True),
            Cell(text=row.last_width, is_number=True),
            Cell(text=row.growth, is_number=True),
            Cell(text=row.slope, is_number=True),
            Cell(text=row.budget_used, is_number=True),
        ]
        for row in shape_rows(summary.shapes)
    ]
    caption = (
        "The configurations of each shape, whether they are trained yet or not: the least, "
        "the median and the most."
    )
    body = markup.table(_COLUMNS, rows, caption, "shapes")
    body += markup.paragraph(balance(summary), "note")
    drawn = "".join(figures[name] for name in COVERAGE if name in figures)
    body += f'<div class="figures">{drawn}</div>'
    return markup.section("What was drawn", body, "coverage")


def balance(summary: StudySummary) -> str:
    """Whether every shape has its share and fills the budget, and what is done if not."""
    if not summary.shortfalls:
        return "Every shape has its share, and fills the budget."
    lacking = formats.listed(summary.shortfalls)
    said = f"{lacking[0].upper()}{lacking[1:]}."
    weights = [trial.weight for trial in summary.random_trials]
    if min(weights) == max(weights):
        return said
    return (
        f"{said} So trials have weights from {min(weights):.2f} to {max(weights):.2f} in the "
        "means of groups, and every shape counts alike, as far as "
        "no trial counts more than three times its due."
    )


def _span(span: Span, digits: int) -> str:
    return " · ".join(f"{v:.{digits}f}" for v in (span.least, span.median, span.most))


def _used(each: ShapeSummary) -> str:
    shares = (
        ("macs", each.macs_share),
        ("params", each.params_share),
        ("activations", each.activations_share),
        ("memory access", each.memory_access_share),
        ("latency", each.latency_share),
    )
    return formats.listed(
        [
            f"{100 * share.least:.0f} to {100 * share.most:.0f} of {name}"
            for name, share in shares
            if share is not None
        ]
    )
