"""What a study drew: channels by shape, growth, and how near both bounds it comes."""

from collections.abc import Sequence
from math import ceil
from typing import TypeVar

import altair as alt

from rexpand.records import StudySummary, TrialSummary
from rexpand.report import formats
from rexpand.report.charts import axes

# More marks than this hide each other.
_MOST_MARKS = 2000

_Axis = TypeVar("_Axis", alt.X, alt.Y)


def drawn_channels(summary: StudySummary) -> alt.LayerChart | None:
    """The median channels of each shape against block index, and four fifths of them.

    None where nothing was drawn.
    """
    if not summary.shapes:
        return None
    rows: axes.Rows = [
        {
            "shape": each.shape,
            "block": block,
            "low": low,
            "median": median,
            "high": high,
        }
        for each in summary.shapes
        for block, (low, median, high) in enumerate(
            zip(
                each.channels_low,
                each.channels_median,
                each.channels_high,
                strict=True,
            ),
            start=1,
        )
    ]
    blocks = len(summary.shapes[0].channels_median)
    base = alt.Chart().encode(
        x=axes.block_axis(blocks), color=axes.shape_color(_names(summary))
    )
    band = base.mark_area(opacity=0.1).encode(
        y=axes.channels_axis("low:Q"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2).encode(y=axes.channels_axis("median:Q"))
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=axes.channels_axis("median:Q"),
        tooltip=[
            alt.Tooltip("shape:N", title="Shape"),
            alt.Tooltip("block:Q", title="Block"),
            alt.Tooltip("median:Q", title="Median channels", format=".1f"),
            alt.Tooltip("low:Q", title="A tenth are below", format=".1f"),
            alt.Tooltip("high:Q", title="A tenth are above", format=".1f"),
        ],
    )
    return axes.framed(
        axes.layers(band, line, points),
        rows,
        f"Channels drawn of each shape against block index, study {summary.name}",
    )


def drawn_growth(summary: StudySummary) -> alt.LayerChart | None:
    """The growth of every configuration (last width over first), one row per shape."""
    if not summary.shapes:
        return None
    marks = alt.Chart().encode(
        x=alt.X(
            "growth:Q",
            title="Growth: last width over first",
            scale=alt.Scale(type="log", nice=False, padding=8),
            axis=alt.Axis(values=[1, 1.5, 2, 3, 5, 8, 12, 16, 25, 50, 100], grid=True),
        ),
        y=alt.Y("shape:N", title=None, sort=_names(summary)),
        color=axes.shape_color(_names(summary), has_legend=False),
        tooltip=_tooltip(),
    )
    return axes.framed(
        axes.layers(marks.mark_tick(thickness=1.5, size=24, cursor="pointer")),
        _rows(summary),
        f"Growth of every configuration by shape, study {summary.name}",
    )


def drawn_shares(summary: StudySummary) -> alt.LayerChart | None:
    """The shares of both bounds that each configuration uses; None with one bound."""
    if summary.budget_macs is None or summary.budget_params is None:
        return None
    marks = alt.Chart().encode(
        x=_share_axis(alt.X, "macs_share:Q", "macs"),
        y=_share_axis(alt.Y, "params_share:Q", "params"),
        color=axes.shape_color(_names(summary)),
        tooltip=_tooltip(),
    )
    return axes.framed(
        axes.layers(marks.mark_circle(size=40, opacity=0.8, cursor="pointer")),
        _rows(summary),
        f"Shares of both bounds that each configuration uses, study {summary.name}",
    )


def _share_axis(kind: type[_Axis], field: str, name: str) -> _Axis:
    return kind(
        field,
        title=f"Share of the {name} allowed (%)",
        scale=alt.Scale(zero=False, padding=8),
        axis=alt.Axis(tickCount=5),
    )


def _rows(summary: StudySummary) -> axes.Rows:
    """The random trials, or a share of them spread evenly over their order."""
    trials = summary.random_trials
    step = max(1, ceil(len(trials) / _MOST_MARKS))
    return [_row(summary, trial) for trial in trials[::step]]


def _row(summary: StudySummary, trial: TrialSummary) -> dict[str, object]:
    return {
        "trial": trial.number,
        "row": f"{trial.number}",
        "configuration": formats.configuration(trial.channels),
        "shape": trial.shape,
        "growth": trial.channels[-1] / trial.channels[0],
        "macs_share": _share(trial.macs, summary.budget_macs),
        "params_share": _share(trial.params, summary.budget_params),
    }


def _share(cost: int, bound: int | None) -> float | None:
    return None if bound is None else 100 * cost / bound


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("trial:Q", title="Trial"),
        alt.Tooltip("configuration:N", title="Channels"),
        alt.Tooltip("growth:Q", title="Growth", format=".2f"),
    ]


def _names(summary: StudySummary) -> Sequence[str]:
    return [each.shape for each in summary.shapes]
