"""Studies within several budgets: channels of the best, lines, and shapes."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from rexpand.records import BudgetComparison, BudgetStudy, GroupSummary
from rexpand.report import formats
from rexpand.report.budget_rows import budget_labels
from rexpand.report.charts import axes


def channels_by_budget(found: BudgetComparison) -> alt.LayerChart | None:
    """Figure 4 of the paper: mean channels of each study's top group, with their line.

    The bands are one standard deviation either way. None where no study has groups.
    """
    shown = _with_top(found)
    if not shown:
        return None
    names = [_legend(label, top) for label, top in shown]
    blocks = len(shown[0][1].channels_mean)
    color = alt.Color(
        "study:N",
        scale=alt.Scale(domain=names, range="ordinal"),
        legend=alt.Legend(title=None, orient="top", columns=2),
    )
    base = alt.Chart().encode(x=axes.block_axis(blocks), color=color)
    band = base.mark_area(opacity=0.14).encode(
        y=axes.channels_axis("low:Q"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2).encode(y=axes.channels_axis("mean:Q"))
    points = base.mark_point(filled=True, size=65, opacity=1).encode(
        y=axes.channels_axis("mean:Q"),
        tooltip=[
            alt.Tooltip("study:N", title="Budget"),
            alt.Tooltip("block:Q", title="Block"),
            alt.Tooltip("mean:Q", title="Mean channels", format=".1f"),
            alt.Tooltip("std:Q", title="Standard deviation", format=".1f"),
        ],
    )
    fits = (
        alt.Chart(axes.data(_ends(shown, names)))
        .mark_line(style="fit")
        .encode(
            x=axes.block_axis(blocks), y=axes.channels_axis("fit:Q"), detail="study:N"
        )
    )
    return axes.framed(
        axes.layers(band, line, fits, points),
        _points(shown, names),
        f"Mean channels of the top group of {found.network} within each budget",
    )


def shapes_by_budget(found: BudgetComparison) -> alt.LayerChart | None:
    """The mean accuracy of each shape within each budget, with its interval.

    None where no study has a finished trial.
    """
    labels = budget_labels(found)
    rows = [
        row
        for label, study in zip(labels, found.studies, strict=True)
        for row in _shapes(label, study)
    ]
    if not rows:
        return None
    names = list(dict.fromkeys(row["shape"] for row in rows))
    base = alt.Chart().encode(
        x=alt.X(
            "budget:N", title="Budget", sort=list(labels), axis=alt.Axis(labelAngle=0)
        ),
        xOffset=alt.XOffset("shape:N", sort=names),
        color=axes.shape_color(names),
    )
    bars = base.mark_rule(strokeWidth=2).encode(
        y=axes.accuracy_axis("low:Q"), y2="high:Q"
    )
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        y=axes.accuracy_axis("mean:Q"),
        tooltip=[
            alt.Tooltip("budget:N", title="Budget"),
            alt.Tooltip("shape:N", title="Shape"),
            alt.Tooltip("mean:Q", title="Mean accuracy (%)", format=".2f"),
            alt.Tooltip("low:Q", title="from (%)", format=".2f"),
            alt.Tooltip("high:Q", title="to (%)", format=".2f"),
            alt.Tooltip("trials:Q", title="Trials"),
        ],
    )
    return axes.framed(
        axes.layers(bars, points),
        rows,
        f"Mean accuracy of each shape of {found.network} within each budget",
    )


def _with_top(found: BudgetComparison) -> list[tuple[str, GroupSummary]]:
    pairs = zip(budget_labels(found), found.studies, strict=True)
    return [(label, study.top) for label, study in pairs if study.top is not None]


def _legend(label: str, top: GroupSummary) -> str:
    accuracy = formats.percent_spread(top.accuracy_mean, top.accuracy_std)
    return f"{label}: {accuracy} %"


def _points(
    shown: Sequence[tuple[str, GroupSummary]], names: Sequence[str]
) -> axes.Rows:
    return [
        {
            "study": name,
            "row": label,
            "block": block,
            "mean": mean,
            "std": std,
            "low": mean - (std or 0.0),  # of one trial there is no band
            "high": mean + (std or 0.0),
        }
        for name, (label, top) in zip(names, shown, strict=True)
        for block, (mean, std) in enumerate(
            zip(top.channels_mean, top.channels_std, strict=True), start=1
        )
    ]


def _ends(shown: Sequence[tuple[str, GroupSummary]], names: Sequence[str]) -> axes.Rows:
    """Both ends of every line; the fit counts blocks from 0, the axis from 1."""
    return [
        {"study": name, "block": block + 1, "fit": top.intercept + top.slope * block}
        for name, (_, top) in zip(names, shown, strict=True)
        for block in (0, len(top.channels_mean) - 1)
    ]


def _shapes(label: str, study: BudgetStudy) -> list[dict[str, Any]]:
    """A row per shape; of one trial the interval is the value itself."""
    return [
        {
            "budget": label,
            "row": label,
            "shape": each.shape,
            "mean": each.accuracy.mean,
            "low": _or(each.accuracy.low, each.accuracy.mean),
            "high": _or(each.accuracy.high, each.accuracy.mean),
            "trials": each.accuracy.count,
        }
        for each in study.shapes
    ]


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
