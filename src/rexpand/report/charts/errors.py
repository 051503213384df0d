"""The error distribution function: of all trials with its band, and of each shape."""

import altair as alt

from rexpand.records import StudySummary
from rexpand.report import formats
from rexpand.report.charts import axes
from rexpand.report.findings import finished_random_trials
from rexpand.report.measures import words_of

_MOST_POINTS = 300  # of a shape


def error_distribution(summary: StudySummary) -> alt.LayerChart | None:
    """The share of trials with at most an error, and the band of the whole curve.

    None before a trial has finished.
    """
    found = summary.distribution
    if found is None:
        return None
    columns = zip(found.error, found.share, found.low, found.high, strict=True)
    rows: axes.Rows = [
        {
            "error": error,
            "share": 100 * share,
            "low": 100 * low,
            "high": 100 * high,
        }
        for error, share, low, high in columns
    ]
    base = alt.Chart().encode(x=_error_axis(summary))
    band = base.mark_area(style="band", opacity=0.2, interpolate="step-after").encode(
        y=_share_axis("low:Q"), y2="high:Q"
    )
    line = base.mark_line(style="steps", interpolate="step-after").encode(
        y=_share_axis("share:Q")
    )
    points = base.mark_circle(size=22, opacity=1).encode(
        y=_share_axis("share:Q"),
        tooltip=[
            alt.Tooltip("error:Q", title="Error (%)", format=".2f"),
            alt.Tooltip("share:Q", title="Trials with at most that (%)", format=".1f"),
            alt.Tooltip("low:Q", title="Band from (%)", format=".1f"),
            alt.Tooltip("high:Q", title="to (%)", format=".1f"),
        ],
    )
    return axes.framed(
        axes.layers(band, line, points),
        rows,
        f"Error distribution of the trials with its band, study {summary.name}",
    )


def shape_distributions(summary: StudySummary) -> alt.LayerChart | None:
    """The error distribution function of each shape; None for fewer than two shapes."""
    names = [each.shape for each in summary.shape_accuracies]
    if len(names) < 2:
        return None
    rows = [row for name in names for row in _rows(summary, name)]
    line = (
        alt.Chart()
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(
            x=_error_axis(summary),
            y=_share_axis("share:Q"),
            color=axes.shape_color(names),
            tooltip=[
                alt.Tooltip("shape:N", title="Shape"),
                alt.Tooltip("configuration:N", title="Channels"),
                alt.Tooltip("error:Q", title="Error (%)", format=".2f"),
            ],
        )
    )
    return axes.framed(
        axes.layers(line),
        rows,
        f"Error distribution of each shape, study {summary.name}",
    )


def _rows(summary: StudySummary, shape: str) -> axes.Rows:
    """The curve of a shape, some of its points left out where there are many."""
    own = sorted(
        (100 - (trial.accuracy or 0.0), trial.channels)
        for trial in finished_random_trials(summary)
        if trial.shape == shape
    )
    step = max(1, len(own) // _MOST_POINTS)
    ranks = sorted({*range(0, len(own), step), len(own) - 1} if own else ())
    return [
        {
            "shape": shape,
            "configuration": formats.configuration(own[rank][1]),
            "error": own[rank][0],
            "share": 100 * (rank + 1) / len(own),
        }
        for rank in ranks
    ]


def _error_axis(summary: StudySummary) -> alt.X:
    return alt.X(
        "error:Q",
        title=words_of(summary.measure).error,
        axis=alt.Axis(tickCount=5, labelOverlap="greedy"),
        scale=alt.Scale(zero=False, padding=12),
    )


def _share_axis(field: str) -> alt.Y:
    return alt.Y(
        field,
        title="Trials with at most this error (%)",
        scale=alt.Scale(domain=[0, 100]),
    )
