"""The page of `rexpand train factors`: effects, interactions, cells and power."""

from collections.abc import Sequence
from pathlib import Path

from rexpand.records import Effect, FactorialRow, FactorialSummary, SeedsNeeded
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance, recipe
from rexpand.report.factorial_findings import (
    factorial_cautions,
    factorial_finding,
    is_told,
    power_text,
)
from rexpand.report.figures import Figure
from rexpand.report.files import ReportFiles, write_report
from rexpand.report.markup import Cell, Column

_NEEDED = (
    Column(title="Effect (points)", is_number=True),
    Column(title="Seeds needed", is_number=True),
    Column(title="From", is_number=True, hint="for the low end of the deviation"),
    Column(title="To", is_number=True, hint="for the high end of the deviation"),
)


def write_factorial_report(
    summary: FactorialSummary, folder: str | Path
) -> ReportFiles:
    """Write the page and its figures below a folder, as `write_study_report` does."""
    figures = factorial_figures(summary)
    return write_report(factorial_page(summary, figures), figures, Path(folder))


def factorial_figures(summary: FactorialSummary) -> tuple[Figure, ...]:
    """The effects with their intervals, and the interactions."""
    from rexpand.report import charts

    drawn = (
        (
            "effects",
            "Effects",
            (
                "How much higher accuracy is at the high level of a factor than at its "
                "low level; for an interaction, half of how much that changes with the "
                f"other factor. {100 * summary.confidence:.0f} % intervals (Student's t)."
            ),
            charts.effect_intervals(summary),
        ),
        (
            "interactions",
            "Interactions of two factors",
            (
                "Mean accuracy of the cells at the four levels of each pair. Where the "
                "two lines are parallel, the factors do not interact."
            ),
            charts.interactions(summary),
        ),
    )
    return tuple(
        Figure(name=name, title=title, caption=text, spec=chart.to_dict())
        for name, title, text, chart in drawn
        if chart is not None
    )


def factorial_page(
    summary: FactorialSummary, figures: Sequence[Figure] | None = None
) -> str:
    """The page as one HTML document; MissingExtraError without the `report` extra."""
    drawn = factorial_figures(summary) if figures is None else tuple(figures)
    shown = "".join(markup.figure(n, each) for n, each in enumerate(drawn, start=1))
    power = markup.paragraph(power_text(summary)) + _needed(summary.needed)
    body = [
        *(markup.paragraph(text, "caution") for text in factorial_cautions(summary)),
        markup.facts(_facts(summary)),
        markup.section("Effects", _effects(summary), "effects"),
        markup.section("Figures", f'<div class="figures">{shown}</div>', "figures"),
        markup.section("Seeds and power", power, "power"),
        markup.section("Cells", _cells(summary), "cells"),
        recipe(summary.recipe),
        provenance(summary.provenances),
    ]
    return document(
        title="Channels and tricks",
        kicker=f"Factorial experiment · {summary.data}",
        lead=factorial_finding(summary),
        body="".join(body),
        figures=drawn,
    )


def _facts(summary: FactorialSummary) -> list[tuple[str, str]]:
    done = sum(len(cell.seeds) for cell in summary.cells)
    judged = f"{summary.evaluated_images or 0:,} {summary.evaluated_on} images"
    tolerated = f"{100 * summary.tolerance:g} %"
    design = f"{len(summary.cells)} cells"
    if summary.defining_relation:
        design += f", {summary.defining_relation}"
    return [
        ("Network", summary.network),
        ("Budget", f"{formats.count(summary.macs)} macs, {tolerated} fewer at most"),
        ("Design", design),
        ("Trainings", f"{done} of {len(summary.cells) * summary.seeds}"),
        ("Training images", f"{summary.images:,}"),
        ("Measured on", judged),
        ("Training time", formats.duration(summary.seconds)),
    ]


def _effects(summary: FactorialSummary) -> str:
    levels = "; ".join(
        f"{each.letter} {each.name}: {each.low} to {each.high}"
        for each in summary.factors
    )
    caption = (
        f"{levels}. Points of accuracy with {100 * summary.confidence:.0f} % intervals "
        f"over the {len(summary.complete_seeds)} seeds that all cells have."
    )
    columns = [
        Column(title="Effect"),
        Column(title="Of"),
        Column(title="Points", is_number=True),
        Column(title="From", is_number=True),
        Column(title="To", is_number=True),
        Column(title="p", is_number=True, hint="two-sided t test"),
        Column(title="Told from 0", hint="does the interval leave 0 out?"),
    ]
    if summary.defining_relation:
        columns.append(Column(title="Alias", hint="cannot be told from this effect"))
    rows = [_effect(each, bool(summary.defining_relation)) for each in summary.effects]
    return markup.table(columns, rows, caption, "groups")


def _effect(found: Effect, has_alias: bool) -> list[Cell]:
    numbers = [f"{found.effect:+.2f}", "", "", ""]
    if found.low is not None and found.high is not None and found.p_value is not None:
        numbers[1:] = [
            f"{found.low:+.2f}",
            f"{found.high:+.2f}",
            formats.probability(found.p_value),
        ]
    return [
        Cell(text=found.word),
        Cell(text=found.name),
        *(Cell(text=text, is_number=True) for text in numbers),
        Cell(text="yes" if is_told(found) else "no"),
        *([Cell(text=found.alias)] if has_alias else []),
    ]


def _needed(needed: Sequence[SeedsNeeded]) -> str:
    if not needed:
        return ""
    rows = [
        [
            Cell(text=text, is_number=True)
            for text in (
                f"{each.effect:g}",
                f"{each.seeds}",
                f"{each.low}",
                f"{each.high}",
            )
        ]
        for each in needed
    ]
    caption = (
        "Seeds per cell that tell an effect from 0: two-sided t test at 5 %, power 80 %, "
        "for the deviation that was measured and for the ends of its interval."
    )
    return markup.table(_NEEDED, rows, caption, "groups")


def _cells(summary: FactorialSummary) -> str:
    columns = (
        Column(title="Run", hint="the letters of the factors that are high"),
        *(Column(title=each.name.capitalize()) for each in summary.factors),
        Column(title="Channels"),
        Column(title="Params", is_number=True),
        Column(title="Macs", is_number=True),
        Column(title="Top-1 (%)", is_number=True),
        Column(title="Seeds", is_number=True),
    )
    caption = (
        "Runs as Yates writes them. Mean ± half the 95 % interval (Student's t) over the "
        "seeds of the cell alone."
    )
    return markup.table(columns, map(_cell, summary.cells), caption, "groups")


def _cell(row: FactorialRow) -> list[Cell]:
    texts = (
        formats.count(row.params),
        formats.count(row.macs),
        formats.interval(row.accuracy, 2),
        f"{len(row.seeds)}",
    )
    return [
        Cell(text=row.run),
        *(Cell(text=level) for level in row.levels),
        Cell(text=formats.configuration(row.channels)),
        *(Cell(text=text, is_number=True) for text in texts),
    ]
