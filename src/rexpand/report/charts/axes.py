"""The axes, the group colours and the frame that the figures share.

A datum's field `row` names the row of the page's table that a click on its mark finds.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from rexpand.records.study_front import MeasureName
from rexpand.report.measures import words_of
from rexpand.report.theme import HEIGHT, LIGHT, WIDTH, vega_config

# Trials of no group come last, so that the groups keep the theme's first colours.
GROUPS = ("top", "middle", "bottom")
NO_GROUP = "no group"

Rows = list[dict[str, Any]]


def data(rows: Rows) -> dict[str, Any]:
    """Rows as inline data, without a data frame.

    A class of Altair's would hold every row against the schema, which takes longer than
    to draw them.
    """
    return {"values": rows}


def layers(*charts: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    """The charts drawn over each other, the last on top."""
    return alt.LayerChart(layer=charts)


def framed(chart: alt.LayerChart, rows: Rows, description: str) -> alt.LayerChart:
    """The chart over `rows` at its size, in the light theme, with words for a reader.

    Layers with data of their own keep it.
    """
    sized = chart.properties(
        width=WIDTH,
        height=HEIGHT,
        description=description,
        config=vega_config(LIGHT),
    )
    # Every step above copies the chart deeply, so the rows come last.
    sized.data = data(rows)
    return sized


def block_axis(blocks: int) -> alt.X:
    """Block index, counted from 1 as the paper draws it."""
    return alt.X(
        "block:Q",
        title="Block index",
        axis=alt.Axis(values=list(range(1, blocks + 1)), format="d", labelOverlap=True),
        scale=alt.Scale(domain=[0.8, blocks + 0.2], nice=False),
    )


def channels_axis(field: str) -> alt.Y:
    """Channels of a block, from zero."""
    return alt.Y(
        field,
        title="Channels",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domainMin=0),
    )


def accuracy_axis(
    field: str = "accuracy:Q", measure: MeasureName = "accuracy"
) -> alt.Y:
    """What networks are ranked by, in percent; the axis need not begin at zero."""
    return alt.Y(
        field,
        title=words_of(measure).axis,
        scale=alt.Scale(zero=False, padding=8),
        axis=alt.Axis(tickCount=6),
    )


def shape_color(names: Sequence[str], has_legend: bool = True) -> alt.Color:
    """Colour by shape, in the order of the names, with a legend above or none."""
    return alt.Color(
        "shape:N",
        scale=alt.Scale(domain=names, range="ordinal"),
        legend=alt.Legend(title=None, orient="top") if has_legend else None,
    )


def group_color(labels: Mapping[str, str]) -> alt.Color:
    """Colour by group with a legend above; `labels` has the legend's text by group."""
    return alt.Color(
        "group:N", scale=alt.Scale(domain=[*GROUPS, NO_GROUP]), legend=_legend(labels)
    )


def group_shape(labels: Mapping[str, str]) -> alt.Shape:
    """One shape per group, so that no reader depends on colour alone."""
    shapes = ["circle", "square", "triangle-up", "circle"]
    return alt.Shape(
        "group:N",
        scale=alt.Scale(domain=[*GROUPS, NO_GROUP], range=shapes),
        legend=_legend(labels),
    )


def literal(labels: Mapping[str, str]) -> str:
    """A mapping as Vega's expressions write it."""
    return json.dumps(labels)


def _legend(labels: Mapping[str, str]) -> alt.Legend | None:
    if not labels:
        return None
    text = f"{literal(labels)}[datum.label]"
    return alt.Legend(title=None, orient="top", values=list(labels), labelExpr=text)
