"""How the order of the configurations after some epochs agrees with the final one."""

import altair as alt

from rexpand.records import StudySummary
from rexpand.report.charts import axes


def tau_by_epoch(summary: StudySummary) -> alt.LayerChart | None:
    """Kendall's tau with the final accuracy after each epoch, with its interval.

    None where too few trials were trained in full.
    """
    error = summary.ranking_error
    if error is None or not error.short:
        return None
    rows: axes.Rows = [
        {
            "epochs": each.epochs,
            "tau": each.tau.mean,
            "low": each.tau.low,
            "high": each.tau.high,
        }
        for each in error.short
    ]
    base = alt.Chart().encode(
        x=alt.X(
            "epochs:Q",
            title="Epochs of the first seed",
            axis=alt.Axis(tickMinStep=1, format="d", labelOverlap=True),
            scale=alt.Scale(domain=[0, error.epochs], nice=False),
        ),
        tooltip=[
            alt.Tooltip("epochs:Q", title="Epochs"),
            alt.Tooltip("tau:Q", title="Kendall's tau", format=".2f"),
            alt.Tooltip("low:Q", title="Interval from", format=".2f"),
            alt.Tooltip("high:Q", title="to", format=".2f"),
        ],
    )
    band = base.mark_area(style="band", opacity=0.2).encode(
        y=_tau_axis("low:Q"), y2="high:Q"
    )
    line = base.mark_line(style="steps").encode(y=_tau_axis("tau:Q"))
    points = base.mark_circle(size=40, opacity=1).encode(y=_tau_axis("tau:Q"))
    rungs = [rung for found in error.outcomes for rung in found.rungs]
    marks = alt.Chart(axes.data([{"rung": rung} for rung in rungs]))
    rules = marks.mark_rule(strokeDash=[4, 4], opacity=0.6).encode(
        x=alt.X("rung:Q"),
        tooltip=[alt.Tooltip("rung:Q", title="Halving compares after")],
    )
    return axes.framed(
        axes.layers(band, rules, line, points),
        rows,
        f"Kendall's tau of short and full trainings, study {summary.name}",
    )


def _tau_axis(field: str) -> alt.Y:
    return alt.Y(
        field,
        title="Kendall's tau with the final accuracy",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domainMax=1),
    )
