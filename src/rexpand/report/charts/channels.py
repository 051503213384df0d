"""Channels against block index: the groups of a study, or all of its trials."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from rexpand.records import GroupSummary, LineBand, StudySummary, TrialSummary
from rexpand.report import formats
from rexpand.report.charts import axes
from rexpand.report.findings import best_trial, finished_trials
from rexpand.report.measures import words_of

# More lines than this hide each other.
MOST_LINES = 300


def mean_channels(summary: StudySummary) -> alt.LayerChart | None:
    """Figure 2 of the paper: mean channels of the groups, one standard deviation
    either way.

    The dashed line is the one fitted to the top group, dotted its interval. None where there are no groups.
    """
    if not summary.groups:
        return None
    labels = {str(group.name): _group_label(group) for group in summary.groups}
    rows = [row for group in summary.groups for row in _group_points(group)]
    blocks = len(summary.groups[0].channels_mean)
    base = alt.Chart().encode(x=axes.block_axis(blocks), color=axes.group_color(labels))
    band = base.mark_area(opacity=0.14).encode(
        y=axes.channels_axis("low:Q"), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2).encode(y=axes.channels_axis("mean:Q"))
    points = base.mark_point(filled=True, size=75, opacity=1).encode(
        y=axes.channels_axis("mean:Q"),
        shape=axes.group_shape(labels),
        tooltip=[
            alt.Tooltip("group:N", title="Group"),
            alt.Tooltip("block:Q", title="Block"),
            alt.Tooltip("mean:Q", title="Mean channels", format=".1f"),
            alt.Tooltip("std:Q", title="Standard deviation", format=".1f"),
        ],
    )
    top = [group for group in summary.groups if group.name == "top"]
    bands = [_line_band(group.band) for group in top if group.band is not None]
    fits = [_fitted_line(group) for group in top]
    return axes.framed(
        axes.layers(band, line, *bands, *fits, points),
        rows,
        f"Mean channels of the groups against block index, study {summary.name}",
    )


def all_configurations(summary: StudySummary) -> alt.LayerChart | None:
    """The finished trials as thin lines coloured by accuracy, the best one on top.

    Of more than MOST_LINES a share is drawn, spread evenly over the ranks. None before
    a trial has finished.
    """
    best = best_trial(summary)
    if best is None:
        return None
    base = alt.Chart().encode(
        x=axes.block_axis(len(best.channels)), y=axes.channels_axis("channels:Q")
    )
    # Opaque: rasterising hundreds of translucent layers takes seconds.
    lines = base.mark_line(strokeWidth=1).encode(
        detail="trial:N",
        color=alt.Color(
            "accuracy:Q",
            title=words_of(summary.measure).axis,
            legend=alt.Legend(orient="top", gradientLength=220, tickCount=4),
        ),
    )
    top = base.transform_filter(f"datum.trial == {best.number}").mark_line(style="best")
    return axes.framed(
        axes.layers(lines, top).transform_flatten(["block", "channels"]),
        [_line(trial) for trial in _thinned(finished_trials(summary))],
        f"Channels of the trials against block index, study {summary.name}",
    )


def _thinned(trials: Sequence[TrialSummary]) -> list[TrialSummary]:
    """At most MOST_LINES of them, the most accurate last and so drawn on top."""
    ranked = sorted(trials, key=lambda trial: -(trial.accuracy or 0.0))
    step = math.ceil(len(ranked) / MOST_LINES)
    return ranked[::step][::-1]


def _line(trial: TrialSummary) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "row": f"{trial.number}",
        "accuracy": trial.accuracy,
        "block": list(range(1, len(trial.channels) + 1)),
        "channels": list(trial.channels),
    }


def _group_label(group: GroupSummary) -> str:
    accuracy = formats.percent_spread(group.accuracy_mean, group.accuracy_std)
    return f"{group.name} {len(group.trials)}: {accuracy} %"


def _group_points(group: GroupSummary) -> axes.Rows:
    pairs = zip(group.channels_mean, group.channels_std, strict=True)
    return [
        {
            "group": group.name,
            "block": block,
            "mean": mean,
            "std": std,
            "low": mean - (std or 0.0),  # of one trial there is no band
            "high": mean + (std or 0.0),
        }
        for block, (mean, std) in enumerate(pairs, start=1)
    ]


def _line_band(band: LineBand) -> alt.Chart:
    """Both ends of the interval in which the fitted line passes each block."""
    rows = [
        {"end": end, "block": block, "fit": value}
        for end, values in (("low", band.low), ("high", band.high))
        for block, value in enumerate(values, start=1)
    ]
    return (
        alt.Chart(axes.data(rows))
        .mark_line(style="fit", strokeDash=[1, 3], strokeWidth=1.25)
        .encode(
            x=axes.block_axis(len(band.low)),
            y=axes.channels_axis("fit:Q"),
            detail="end:N",
        )
    )


def _fitted_line(group: GroupSummary) -> alt.Chart:
    last = len(group.channels_mean)
    # The fit counts blocks from 0, the axis from 1.
    rows = [
        {"block": block, "fit": group.intercept + group.slope * (block - 1)}
        for block in (1, last)
    ]
    return (
        alt.Chart(axes.data(rows))
        .mark_line(style="fit")
        .encode(x=axes.block_axis(last), y=axes.channels_axis("fit:Q"))
    )
