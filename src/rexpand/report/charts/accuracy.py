"""Accuracy of the trials: against cost, against nuclear norm, and its distribution."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt

from rexpand.records import StudySummary, TrialSummary
from rexpand.records.study_front import MeasureName
from rexpand.report import formats
from rexpand.report.charts import axes
from rexpand.report.findings import finished_trials
from rexpand.report.measures import words_of

Cost = Literal["macs", "params", "predicted_latency_ms"]

_COST_TITLES = {
    "macs": "Multiply-accumulates (macs)",
    "params": "Parameters (params)",
    "predicted_latency_ms": "Predicted latency (ms)",
}
_COST_WORDS = {"predicted_latency_ms": "predicted latency"}


def accuracy_against_cost(summary: StudySummary, cost: Cost) -> alt.LayerChart | None:
    """Accuracy against a cost: every trial, and the front of the finished ones.

    Trials that are not ranked, or did not finish every seed, are hollow. The line is the front: no finished
    trial is both cheaper and more accurate than it. None where no trial has an accuracy.
    """
    if all(trial.accuracy is None for trial in summary.trials):
        return None
    axis = alt.X(
        f"{cost}:Q",
        title=_COST_TITLES[cost],
        axis=alt.Axis(
            format="~s" if cost in ("macs", "params") else "~g",
            tickCount=4,
            labelOverlap="greedy",
        ),
        scale=alt.Scale(zero=False, padding=12),
    )
    front = _front(finished_trials(summary), cost)
    line = (
        alt.Chart(axes.data(front))
        .mark_line(style="front", interpolate="step-after")
        .encode(x=axis, y=axes.accuracy_axis(measure=summary.measure))
    )
    return axes.framed(
        axes.layers(
            *([line] if front else []), *_scatter(axis, summary.trials, summary.measure)
        ),
        _rows(summary.trials),
        f"{words_of(summary.measure).title} against {_COST_WORDS.get(cost, cost)} of every "
        f"trial, study {summary.name}",
    )


def accuracy_against_nuclear_norm(summary: StudySummary) -> alt.LayerChart | None:
    """Accuracy against the nuclear norm of the penultimate features (Figure 5, left).

    None where no trial with an accuracy recorded one.
    """
    trials = [
        trial
        for trial in summary.trials
        if trial.nuclear_norm is not None and trial.accuracy is not None
    ]
    if not trials:
        return None
    axis = alt.X(
        "nuclear_norm:Q",
        title="Nuclear norm of the penultimate features",
        axis=alt.Axis(tickCount=4, labelOverlap="greedy"),
        scale=alt.Scale(zero=False, padding=12),
    )
    return axes.framed(
        axes.layers(*_scatter(axis, trials, summary.measure)),
        _rows(trials),
        f"Accuracy against nuclear norm, study {summary.name}",
    )


def _scatter(
    axis: alt.X, trials: Sequence[TrialSummary], measure: MeasureName
) -> list[alt.Chart]:
    """Hollow marks for trials that are not ranked, under filled ones for the rest."""
    base = alt.Chart().encode(
        x=axis,
        y=axes.accuracy_axis(measure=measure),
        color=axes.group_color(_labels(trials)),
        tooltip=_tooltip(measure),
    )
    hollow = base.mark_point(filled=False, size=45, strokeWidth=1.2, cursor="pointer")
    filled = base.mark_circle(size=55, opacity=1, fillOpacity=0.85, cursor="pointer")
    states = {trial.is_ranked for trial in trials if trial.accuracy is not None}
    # Vega warns of a layer without rows, so a layer is there only if it has some.
    layers = []
    if False in states:
        layers.append(hollow.transform_filter("datum.state != 'complete'"))
    if True in states:
        layers.append(filled.transform_filter("datum.state == 'complete'"))
    return layers


def _rows(trials: Sequence[TrialSummary]) -> axes.Rows:
    """The trials that have an accuracy; those in a group last, to be drawn on top."""
    shown = [trial for trial in trials if trial.accuracy is not None]
    return [_row(trial) for trial in sorted(shown, key=_is_grouped)]


def _front(trials: tuple[TrialSummary, ...], cost: Cost) -> axes.Rows:
    def by_cost(trial: TrialSummary) -> tuple[int, float]:
        return getattr(trial, cost), -(trial.accuracy or 0.0)

    front: list[TrialSummary] = []
    for trial in sorted(trials, key=by_cost):
        if not front or (trial.accuracy or 0.0) > (front[-1].accuracy or 0.0):
            front.append(trial)
    return [_row(trial) for trial in front]


def _row(trial: TrialSummary) -> dict[str, Any]:
    return {
        "trial": trial.number,
        "row": f"{trial.number}",
        "configuration": formats.configuration(trial.channels),
        "accuracy": trial.accuracy,
        "macs": trial.macs,
        "params": trial.params,
        "predicted_latency_ms": trial.predicted_latency_ms,
        "nuclear_norm": trial.nuclear_norm,
        "group": trial.group or axes.NO_GROUP,
        "state": formats.state(trial),
    }


def _tooltip(measure: MeasureName) -> list[alt.Tooltip]:
    title = f"{words_of(measure).title} (%)"
    return [
        alt.Tooltip("trial:Q", title="Trial"),
        alt.Tooltip("configuration:N", title="Channels"),
        alt.Tooltip("accuracy:Q", title=title, format=".2f"),
        alt.Tooltip("macs:Q", title="Macs", format=",d"),
        alt.Tooltip("params:Q", title="Params", format=",d"),
        alt.Tooltip("group:N", title="Group"),
        alt.Tooltip("state:N", title="State"),
    ]


def _labels(trials: Sequence[TrialSummary]) -> dict[str, str]:
    """The legend's entries: none where no trial is in a group."""
    if not any(map(_is_grouped, trials)):
        return {}
    return {name: name for name in (*axes.GROUPS, axes.NO_GROUP)}


def _is_grouped(trial: TrialSummary) -> bool:
    return trial.group is not None
