"""A fine-tuning: the rates of the grid, and the seeds at the chosen one."""

from statistics import mean

import altair as alt

from rexpand.records import FineTuningSummary
from rexpand.report.charts import axes


def rate_grid(summary: FineTuningSummary) -> alt.LayerChart | None:
    """Held-out accuracy against learning rate, the chosen rate marked; None of no grid."""
    tried = [each for each in summary.grid if each.accuracies]
    rows = [
        {
            "rate": each.learning_rate,
            "row": f"{summary.grid.index(each)}",
            "accuracy": accuracy,
            "loss": loss,
            "seed": seed,
        }
        for each in tried
        for seed, (accuracy, loss) in enumerate(
            zip(each.accuracies, each.losses, strict=True)
        )
    ]
    if not rows:
        return None
    means = [
        {"rate": each.learning_rate, "accuracy": mean(each.accuracies)}
        for each in tried
    ]
    chosen = [each for each in means if each["rate"] == summary.learning_rate]
    x = alt.X(
        "rate:Q",
        title="Learning rate",
        scale=alt.Scale(type="log", padding=24, nice=False),
        axis=alt.Axis(
            values=[each.learning_rate for each in tried],
            format="~g",
            labelOverlap=True,
        ),
    )
    place = {"x": x, "y": axes.accuracy_axis()}
    line = alt.Chart(axes.data(means)).mark_line(style="steps").encode(**place)
    best = (
        alt.Chart(axes.data(chosen))
        .mark_point(style="best", size=260, filled=False)
        .encode(**place)
    )
    points = (
        alt.Chart()
        .mark_circle(size=75, opacity=0.85)
        .encode(
            **place,
            tooltip=[
                alt.Tooltip("rate:Q", title="Learning rate", format="~g"),
                alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
                alt.Tooltip("loss:Q", title="Loss", format=".4f"),
                alt.Tooltip("seed:Q", title="Seed"),
            ],
        )
    )
    return axes.framed(
        axes.layers(line, points, *([best] if chosen else [])),
        rows,
        "Accuracy on the held-out images by learning rate",
    )


def seed_accuracies(summary: FineTuningSummary) -> alt.LayerChart | None:
    """The accuracy of each seed, their mean and its interval; None without a seed."""
    found = summary.accuracy
    if found is None:
        return None
    title = "Top-1 accuracy (%)"
    rows = [
        {"what": "each seed", "row": f"{seed}", "seed": seed, "accuracy": accuracy}
        for seed, accuracy in enumerate(summary.accuracies)
    ]
    whole = f"mean, {100 * summary.confidence:.0f} % interval"
    middle = {
        "what": whole,
        "accuracy": found.mean,
        "low": found.mean if found.low is None else found.low,
        "high": found.mean if found.high is None else found.high,
    }
    place = alt.Y(
        "what:N", title=None, sort=["each seed", whole], axis=alt.Axis(labelLimit=0)
    )
    x = alt.X("accuracy:Q", title=title, scale=alt.Scale(zero=False, padding=16))
    seeds = (
        alt.Chart()
        .mark_circle(size=75, opacity=0.85)
        .encode(
            x=x,
            y=place,
            tooltip=[
                alt.Tooltip("seed:Q", title="Seed"),
                alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
            ],
        )
    )
    summed = alt.Chart(axes.data([middle]))
    interval = summed.mark_rule(style="front", strokeWidth=2).encode(
        x=alt.X("low:Q", title=title), x2="high:Q", y=place
    )
    tick = summed.mark_tick(style="front", thickness=3, size=26).encode(x=x, y=place)
    return axes.framed(
        axes.layers(interval, tick, seeds),
        rows,
        "Accuracy of each seed, their mean and its interval",
    )
