"""The tables of studies within several budgets, as rows of text."""

from collections.abc import Iterator
from dataclasses import dataclass

from rexpand.records import BudgetComparison, BudgetStudy, GroupSummary, ShapeComparison
from rexpand.report import formats

_REFERENCE = "linear"  # the paper's claim is of this shape


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """A study: its budget, its best tenth, and the line through their mean channels.

    What there is not is the empty string.
    """

    budget: str
    study: str
    trials: str
    accuracy: str
    slope: str
    intercept: str
    r_squared: str
    best: str


@dataclass(frozen=True, kw_only=True)
class ShapeBudgetRow:
    """A shape within a budget, and how linear configurations compare with it there.

    `difference` is of linear less this shape, in points, with its interval of 95 %; `p` is
    over all pairs of shapes of the study.
    """

    budget: str
    shape: str
    trials: int
    accuracy: str
    best: str
    difference: str
    p: str


def budget_labels(found: BudgetComparison) -> tuple[str, ...]:
    """The budget of each study; with the name of the study where two are alike."""
    bounds = [formats.budget(study.bounds) for study in found.studies]
    return tuple(
        bound if bounds.count(bound) == 1 else f"{bound} ({study.name})"
        for bound, study in zip(bounds, found.studies, strict=True)
    )


def budget_rows(found: BudgetComparison) -> tuple[BudgetRow, ...]:
    """A row for each study."""
    pairs = zip(budget_labels(found), found.studies, strict=True)
    return tuple(_row(label, study) for label, study in pairs)


def shape_budget_rows(found: BudgetComparison) -> tuple[ShapeBudgetRow, ...]:
    """A row for each shape within each budget."""
    pairs = zip(budget_labels(found), found.studies, strict=True)
    return tuple(row for label, study in pairs for row in _shapes(label, study))


def against_linear(study: BudgetStudy, shape: str) -> ShapeComparison | None:
    """Linear less a shape, whichever way it was compared; None where it was not."""
    for each in study.comparisons:
        if (each.first, each.second) == (_REFERENCE, shape):
            return each
    return None


def slope_of(top: GroupSummary) -> str:
    """The slope of a group's line with its interval."""
    band = top.band
    return f"{top.slope:.2f}" + (
        "" if band is None else f" ({band.slope_low:.2f} to {band.slope_high:.2f})"
    )


def _row(label: str, study: BudgetStudy) -> BudgetRow:
    top = study.top
    trials = f"{study.finished:,} of {study.trials:,}"
    if top is None:
        return BudgetRow(
            budget=label,
            study=study.name,
            trials=trials,
            accuracy="",
            slope="",
            intercept="",
            r_squared="",
            best="",
        )
    band = top.band
    return BudgetRow(
        budget=label,
        study=study.name,
        trials=trials,
        accuracy=formats.percent_spread(top.accuracy_mean, top.accuracy_std),
        slope=slope_of(top),
        intercept=f"{top.intercept:.1f}"
        + (
            ""
            if band is None
            else f" ({band.intercept_low:.1f} to {band.intercept_high:.1f})"
        ),
        r_squared=f"{top.r_squared:.2f}",
        best=formats.configuration(top.best_channels),
    )


def _shapes(label: str, study: BudgetStudy) -> Iterator[ShapeBudgetRow]:
    for each in study.shapes:
        pair = against_linear(study, each.shape)
        yield ShapeBudgetRow(
            budget=label,
            shape=each.shape,
            trials=each.accuracy.count,
            accuracy=formats.interval(each.accuracy, 2),
            best=f"{each.best:.2f}",
            difference=""
            if pair is None
            else f"{pair.difference:+.2f} ({pair.low:+.2f} to {pair.high:+.2f})",
            p="" if pair is None else formats.probability(pair.adjusted),
        )
