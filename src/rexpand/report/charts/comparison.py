"""Two networks seed by seed, and the gain with its interval."""

import altair as alt

from rexpand.records import ComparisonSummary
from rexpand.report.charts import axes

_SIDES = ("before", "after")


def paired_accuracies(summary: ComparisonSummary) -> alt.LayerChart | None:
    """A line per seed from the accuracy before to that after; None without a pair."""
    sides = (summary.before.accuracies, summary.after.accuracies)
    rows = [
        {"seed": seed, "row": f"{seed}", "side": side, "accuracy": accuracy}
        for side, accuracies in zip(_SIDES, sides, strict=True)
        for seed, accuracy in enumerate(accuracies[: len(summary.gains)])
    ]
    if not rows:
        return None
    base = alt.Chart().encode(
        x=alt.X("side:N", title=None, sort=_SIDES, axis=alt.Axis(labelAngle=0)),
        y=axes.accuracy_axis(),
        detail="seed:N",
        tooltip=[
            alt.Tooltip("seed:Q", title="Seed"),
            alt.Tooltip("side:N", title="Channels"),
            alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
        ],
    )
    color = alt.Color("side:N", scale=alt.Scale(domain=_SIDES), legend=None)
    return axes.framed(
        axes.layers(
            base.mark_line(style="steps"),
            base.mark_circle(size=75, opacity=1).encode(color=color),
        ),
        rows,
        "Accuracy of each seed before and after",
    )


def gain_interval(summary: ComparisonSummary) -> alt.LayerChart | None:
    """The gain of each seed, their mean and its interval, beside no gain at all."""
    gain = summary.gain
    if gain is None:
        return None
    title = "Gain in top-1 accuracy (points)"
    rows = [
        {"what": "each seed", "row": f"{seed}", "seed": seed, "gain": each}
        for seed, each in enumerate(summary.gains)
    ]
    whole = f"mean, {100 * summary.confidence:.0f} % interval"
    mean = {
        "what": whole,
        "gain": gain.mean,
        "low": gain.mean if gain.low is None else gain.low,
        "high": gain.mean if gain.high is None else gain.high,
    }
    place = alt.Y(
        "what:N", title=None, sort=["each seed", whole], axis=alt.Axis(labelLimit=0)
    )
    seeds = (
        alt.Chart()
        .mark_circle(size=75, opacity=0.85)
        .encode(
            x=alt.X("gain:Q", title=title),
            y=place,
            tooltip=[
                alt.Tooltip("seed:Q", title="Seed"),
                alt.Tooltip("gain:Q", title="Gain (points)", format="+.2f"),
            ],
        )
    )
    summed = alt.Chart(axes.data([mean]))
    interval = summed.mark_rule(style="front", strokeWidth=2).encode(
        x=alt.X("low:Q", title=title), x2="high:Q", y=place
    )
    middle = summed.mark_tick(style="front", thickness=3, size=26).encode(
        x=alt.X("gain:Q", title=title), y=place
    )
    zero = (
        alt.Chart(axes.data([{"gain": 0.0}]))
        .mark_rule(style="fit")
        .encode(x=alt.X("gain:Q", title=title))
    )
    return axes.framed(
        axes.layers(zero, interval, middle, seeds),
        rows,
        "Gain of each seed, their mean and its interval",
    )
