"""The rows of a factor analysis: every seed, the mean and its interval."""

from typing import Literal

import altair as alt

from rexpand.records import FactorSummary, Interval
from rexpand.report.charts import axes

Measure = Literal["accuracy", "nuclear_norm", "effective_rank"]

_TITLES = {
    "accuracy": "Top-1 accuracy (%)",
    "nuclear_norm": "Nuclear norm of the features",
    "effective_rank": "Effective rank of the features",
}


def by_row(summary: FactorSummary, measure: Measure) -> alt.LayerChart | None:
    """One measure of every row: seeds as points, mean and interval beside them.

    None before a network is trained.
    """
    rows = _rows(summary)
    if not rows:
        return None
    base = alt.Chart().encode(x=_row_axis(summary))
    y = alt.Y(
        f"{measure}:Q",
        title=_TITLES[measure],
        scale=alt.Scale(zero=False, padding=12),
        axis=alt.Axis(tickCount=6),
    )
    seeds = base.mark_circle(size=45, opacity=0.55).encode(
        y=y, color=_row_color(summary), tooltip=_tooltip()
    )
    whiskers = alt.Chart(axes.data(_intervals(summary, measure)))
    means = whiskers.mark_tick(thickness=2, size=34, style="front").encode(
        x=_row_axis(summary), y="mean:Q"
    )
    ranges = whiskers.mark_rule(style="front", strokeWidth=1.5).encode(
        x=_row_axis(summary), y="low:Q", y2="high:Q"
    )
    return axes.framed(
        axes.layers(ranges, means, seeds),
        rows,
        f"{_TITLES[measure]} of every row of the factor analysis",
    )


def accuracy_by_rank(summary: FactorSummary) -> alt.LayerChart | None:
    """Accuracy against nuclear norm, one point per training."""
    rows = _rows(summary)
    if not rows:
        return None
    points = (
        alt.Chart()
        .mark_circle(size=70, opacity=0.9)
        .encode(
            x=alt.X(
                "nuclear_norm:Q",
                title=_TITLES["nuclear_norm"],
                axis=alt.Axis(tickCount=5, labelOverlap="greedy"),
                scale=alt.Scale(zero=False, padding=12),
            ),
            y=axes.accuracy_axis(),
            color=_row_color(summary, has_legend=True),
            tooltip=_tooltip(),
        )
    )
    return axes.framed(
        axes.layers(points), rows, "Accuracy against nuclear norm of every training"
    )


def _row_axis(summary: FactorSummary) -> alt.X:
    return alt.X(
        "row:N",
        title=None,
        sort=[row.name for row in summary.rows],
        scale=alt.Scale(domain=[row.name for row in summary.rows]),
        axis=alt.Axis(labelAngle=0),
    )


def _row_color(summary: FactorSummary, has_legend: bool = False) -> alt.Color:
    legend = alt.Legend(title=None, orient="top", columns=2) if has_legend else None
    return alt.Color(
        "row:N",
        scale=alt.Scale(domain=[row.name for row in summary.rows]),
        legend=legend,
    )


def _rows(summary: FactorSummary) -> axes.Rows:
    return [
        {
            "row": row.name,
            "seed": seed,
            "accuracy": accuracy,
            "nuclear_norm": norm,
            "effective_rank": rank,
        }
        for row in summary.rows
        for seed, accuracy, norm, rank in zip(
            row.seeds,
            row.accuracies,
            row.nuclear_norms,
            row.effective_ranks,
            strict=True,
        )
    ]


def _intervals(summary: FactorSummary, measure: Measure) -> axes.Rows:
    found: list[tuple[str, Interval | None]] = [
        (row.name, getattr(row, measure)) for row in summary.rows
    ]
    return [
        {
            "row": name,
            "mean": each.mean,
            "low": each.mean if each.low is None else each.low,
            "high": each.mean if each.high is None else each.high,
        }
        for name, each in found
        if each is not None
    ]


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("row:N", title="Row"),
        alt.Tooltip("seed:Q", title="Seed"),
        alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
        alt.Tooltip("nuclear_norm:Q", title="Nuclear norm", format=".1f"),
        alt.Tooltip("effective_rank:Q", title="Effective rank", format=".1f"),
    ]
