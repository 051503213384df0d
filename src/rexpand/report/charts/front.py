"""The front of a study, and the fronts of several: accuracy against a cost or two."""

from collections.abc import Sequence

import altair as alt

from rexpand.records import Front, StudyFront, TrialSummary
from rexpand.report import costs, formats
from rexpand.report.charts import axes
from rexpand.report.measures import words_of


def study_front(trials: Sequence[TrialSummary], front: Front) -> alt.LayerChart:
    """Every trial against the first cost of the front, which is a line with one cost.

    A second cost is the colour; the trials of the front are then ringed. What the seeds
    do not tell from the front is drawn stronger than the rest, the knee as a diamond.
    """
    rows = _rows(trials, front)
    y = axes.accuracy_axis(measure=front.measure)
    base = alt.Chart().encode(x=_cost_axis(front.costs[0]), y=y)
    tooltip = _tooltip(front)
    fill: dict[str, object] = {}
    if len(front.costs) == 2:
        fill["color"] = alt.Color(
            "second:Q",
            title=costs.title(front.costs[1]),
            scale=alt.Scale(range="ramp"),
            legend=alt.Legend(orient="right", format=_format(front.costs[1])),
        )
    marks = base.mark_circle(style="trial", size=55, cursor="pointer").encode(
        opacity=alt.condition("datum.place == 'other'", alt.value(0.35), alt.value(1)),
        tooltip=tooltip,
        **fill,
    )
    members = base.transform_filter("datum.on_front")
    line = members.mark_line(style="front", interpolate="step-after")
    rings = members.mark_point(
        style="front", filled=False, size=110, strokeWidth=1.5
    ).encode(tooltip=tooltip)
    layers = [marks, rings] if len(front.costs) == 2 else [line, marks]
    if front.knee is not None:
        knee = base.transform_filter("datum.place == 'knee'")
        layers.append(
            knee.mark_point(
                style="knee", filled=True, shape="diamond", size=190, opacity=1
            ).encode(tooltip=tooltip)
        )
    return axes.framed(
        axes.layers(*layers),
        rows,
        f"{words_of(front.measure).title} against {costs.together(front.costs)}, with the "
        "front",
    )


def several_fronts(studies: Sequence[StudyFront]) -> alt.LayerChart:
    """The fronts of some studies over each other: the first cost, a colour per study."""
    names = studies[0].front.costs
    rows: axes.Rows = [
        {
            "study": each.study,
            "trial": row.trial,
            "configuration": formats.configuration(row.channels),
            "accuracy": row.accuracy,
            "first": row.costs[0],
            "second": row.costs[-1],
            "on_front": is_on,
        }
        for each in studies
        for is_on, found in ((True, each.front.trials), (False, each.front.rivals))
        for row in found
    ]
    order = [each.study for each in studies]
    scale = alt.Scale(domain=order, range="ordinal")
    legend = alt.Legend(title=None, orient="top")
    color = alt.Color("study:N", scale=scale, legend=legend)
    y = axes.accuracy_axis(measure=studies[0].front.measure)
    base = alt.Chart().encode(x=_cost_axis(names[0]), y=y, color=color)
    members = base.transform_filter("datum.on_front")
    line = members.mark_line(interpolate="step-after", strokeWidth=1.5)
    points = members.mark_point(filled=True, size=60, opacity=1).encode(
        shape=alt.Shape("study:N", scale=alt.Scale(domain=order), legend=legend),
        tooltip=[alt.Tooltip("study:N", title="Study"), *_tooltip(studies[0].front)],
    )
    beside = base.transform_filter("!datum.on_front").mark_circle(size=22, opacity=0.4)
    layers = [beside] if any(each.front.rivals for each in studies) else []
    layers += [points] if len(names) == 2 else [line, points]
    return axes.framed(
        axes.layers(*layers), rows, f"The fronts of {formats.listed(order)}"
    )


def _rows(trials: Sequence[TrialSummary], front: Front) -> axes.Rows:
    """The finished trials that have the front's costs; those that matter are on top."""
    members = {row.trial for row in front.trials}
    rivals = {row.trial for row in front.rivals}
    rows: axes.Rows = []
    for trial in trials:
        found = [_cost(trial, name) for name in front.costs]
        if None in found:
            continue
        place = "rival" if trial.number in rivals | members else "other"
        rows.append(
            {
                "trial": trial.number,
                "row": f"{trial.number}",
                "configuration": formats.configuration(trial.channels),
                "accuracy": trial.accuracy,
                "first": found[0],
                "second": found[-1],
                "on_front": trial.number in members,
                "place": "knee" if trial.number == front.knee else place,
            }
        )
    return sorted(rows, key=lambda row: row["place"] != "other")


def _cost(trial: TrialSummary, name: str) -> float | None:
    if costs.is_measured(name):
        return next(
            (
                each.latency_ms.median
                for each in trial.latencies
                if name.endswith(f":{each.runtime}")
            ),
            None,
        )
    cost: float | None = getattr(trial, name)
    return cost


def _cost_axis(name: str) -> alt.X:
    return alt.X(
        "first:Q",
        title=costs.title(name),
        axis=alt.Axis(format=_format(name), tickCount=5, labelOverlap="greedy"),
        scale=alt.Scale(zero=False, padding=12),
    )


def _format(name: str) -> str:
    return "~g" if costs.is_latency(name) else "~s"


def _tooltip(front: Front) -> list[alt.Tooltip]:
    names, title = front.costs, f"{words_of(front.measure).title} (%)"
    formats_ = [".3g" if costs.is_latency(name) else ",d" for name in names]
    fields = zip(("first:Q", "second:Q"), names, formats_, strict=False)
    return [
        alt.Tooltip("trial:Q", title="Trial"),
        alt.Tooltip("configuration:N", title="Channels"),
        alt.Tooltip("accuracy:Q", title=title, format=".2f"),
        *(
            alt.Tooltip(field, title=costs.title(name), format=kind)
            for field, name, kind in fields
        ),
    ]
