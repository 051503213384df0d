"""Published accuracy against measured latency, one panel per runtime and precision."""

import json
from collections.abc import Sequence

import altair as alt

from rexpand.report.charts import axes
from rexpand.report.latency_accuracy import AccuracyPoint, families_of
from rexpand.report.theme import LIGHT, vega_config

_PANEL_WIDTH = 390
_PANEL_HEIGHT = 250
_TICKS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 300, 500)


def accuracy_against_latency(points: Sequence[AccuracyPoint]) -> alt.FacetChart:
    """Top-1 against milliseconds on a log scale; a colour and a shape is a family.

    The line is the panel's Pareto front, and its networks have their names beside them.
    Whiskers are the medians' intervals.
    """
    panels = list(dict.fromkeys(each.panel for each in points))
    families = families_of(points)
    scale = alt.Scale(domain=[*families])
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1)
    color = alt.Color("family:O", scale=scale, legend=legend)
    base = alt.Chart().encode(y=axes.accuracy_axis("top1:Q"))
    front = base.transform_filter("datum.front")
    line = front.mark_line(style="front", interpolate="step-after").encode(
        x=_milliseconds("ms:Q")
    )
    whiskers = base.mark_rule(strokeWidth=1.5).encode(
        x=_milliseconds("least:Q"),
        x2="most:Q",
        color=color,
    )
    marks = base.mark_point(filled=True, size=50, opacity=1).encode(
        x=_milliseconds("ms:Q"),
        color=color,
        shape=alt.Shape("family:O", scale=scale, legend=legend),
        tooltip=_tooltip(),
    )
    # Every second family is named on the other side, so that neighbours do not overlap.
    named = front.encode(x=_milliseconds("ms:Q"), text="label:N", color=color)
    left = named.mark_text(align="right", dx=-7, dy=-7, fontSize=10.5)
    right = named.mark_text(align="left", dx=7, dy=7, fontSize=10.5)
    names = [
        text.transform_filter(f"indexof({json.dumps(own)}, datum.family) >= 0")
        for text, own in ((left, families[::2]), (right, families[1::2]))
        if any(each.is_on_front and each.family in own for each in points)
    ]
    return (
        alt.LayerChart(layer=[line, whiskers, marks, *names])
        .properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT)
        .facet(
            data=axes.data([_row(each) for each in points]),
            facet=alt.Facet(
                "panel:N",
                title=None,
                sort=panels,
                header=alt.Header(labelFontSize=13.5, labelPadding=8),
            ),
            columns=min(2, len(panels)),
        )
        .resolve_axis(x="independent")
        .properties(
            spacing=28,
            description="Published top-1 accuracy against measured latency",
            config=vega_config(LIGHT),
        )
    )


def _row(point: AccuracyPoint) -> dict[str, object]:
    return {
        "row": point.row,
        "panel": point.panel,
        "network": point.network,
        "label": point.label,
        "family": point.family,
        "top1": point.top1,
        "ms": point.ms,
        "least": point.least,
        "most": point.most,
        "front": point.is_on_front,
    }


def _milliseconds(field: str) -> alt.X:
    return alt.X(
        field,
        title="Milliseconds",
        scale=alt.Scale(type="log", nice=False, padding=24),
        axis=alt.Axis(format="~g", values=[*_TICKS], labelOverlap=True),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("network:N", title="Network"),
        alt.Tooltip("panel:N", title="Where"),
        alt.Tooltip("top1:Q", title="Top-1 (%)", format=".1f"),
        alt.Tooltip("ms:Q", title="ms", format=".3f"),
        alt.Tooltip("least:Q", title="From", format=".3f"),
        alt.Tooltip("most:Q", title="To", format=".3f"),
    ]
