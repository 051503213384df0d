"""Latencies of networks under several runtimes, with their intervals, on a log scale."""

from collections.abc import Sequence

import altair as alt

from rexpand.report.charts import axes
from rexpand.report.latency_rows import ShownRow

_ROW = 34  # pixels of a network's place, and of each runtime in it
_PLACE = 10


def latency_chart(shown: Sequence[ShownRow]) -> alt.LayerChart:
    """Milliseconds by network; a colour and shape is a runtime on a machine.

    Whiskers are the medians' intervals.
    """
    rows = [
        {
            "row": each.row,
            "network": each.network,
            "series": each.series,
            "ms": each.measured.latency_ms.median,
            "least": each.measured.latency_ms.least,
            "most": each.measured.latency_ms.most,
            "ratio": each.measured.ratio.median,
        }
        for each in shown
    ]
    series = list(dict.fromkeys(each.series for each in shown))
    networks = list(dict.fromkeys(each.network for each in shown))
    legend = alt.Legend(title=None, orient="top", columns=3, labelLimit=0)
    scale = alt.Scale(domain=series)
    base = alt.Chart().encode(
        y=alt.Y("network:N", title=None, sort=networks, axis=alt.Axis(labelLimit=240)),
        yOffset=alt.YOffset("series:N", sort=series, scale=alt.Scale(paddingOuter=0.5)),
        color=alt.Color("series:N", scale=scale, legend=legend),
    )
    tooltip = [
        alt.Tooltip("network:N", title="Network"),
        alt.Tooltip("series:N", title="Runtime"),
        alt.Tooltip("ms:Q", title="ms", format=".3f"),
        alt.Tooltip("least:Q", title="From", format=".3f"),
        alt.Tooltip("most:Q", title="To", format=".3f"),
        alt.Tooltip("ratio:Q", title="Ratio to the first", format=".3f"),
    ]
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        x=_milliseconds("ms:Q"),
        shape=alt.Shape("series:N", scale=scale, legend=legend),
        tooltip=tooltip,
    )
    whiskers = base.mark_rule(strokeWidth=1.5).encode(
        x=_milliseconds("least:Q"), x2="most:Q", tooltip=tooltip
    )
    chart = axes.framed(
        axes.layers(whiskers, points), rows, "Milliseconds of a batch by network"
    )
    chart.height = len(networks) * (_ROW + _PLACE * (len(series) - 1))
    return chart


def _milliseconds(field: str) -> alt.X:
    return alt.X(
        field,
        title="Milliseconds of a batch",
        scale=alt.Scale(type="log", nice=False, padding=16),
        axis=alt.Axis(format="~g", labelOverlap=True),
    )
