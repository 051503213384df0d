"""A network's layers under the roof of a machine."""

import altair as alt

from rexpand.cost import Layer, Roofline, attainable, kind_of
from rexpand.report.charts import axes

# In the order of the theme's colours, whose fourth is grey; each has its own shape.
_SHAPES = {
    "convolution": "square",
    "1x1 convolution": "circle",
    "depthwise convolution": "triangle-up",
    "product": "cross",
    "linear": "diamond",
    "attention": "triangle-down",
}
_TICKS = [digit * 10**power for power in range(13) for digit in (1, 2, 5)]
_SMALL = [digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5)]
_ROOM = 1.6  # times the data's range, so that no point sits on an edge


def roofline_chart(measured: Roofline) -> alt.LayerChart:
    """Macs per second of each layer against its macs per byte, logarithmic both.

    The line is what the machine's bandwidth and arithmetic allow; a point's area is
    the layer's time.
    """
    rows = [
        _row(measured, layer, seconds)
        for layer, seconds in zip(measured.layers, measured.seconds, strict=True)
        if layer.macs and seconds > 0
    ]
    drawn = {row["kind"] for row in rows}
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=4,
        values=[kind for kind in _SHAPES if kind in drawn],
    )
    points = (
        alt.Chart()
        .mark_point(filled=True, opacity=0.8, cursor="pointer")
        .encode(
            x=_intensity("intensity:Q"),
            y=_speed("speed:Q"),
            size=alt.Size(
                "milliseconds:Q",
                title="Time (ms)",
                scale=alt.Scale(range=[18, 420]),
                legend=None,
            ),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=[*_SHAPES]),
                legend=legend,
            ),
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=[*_SHAPES], range=[*_SHAPES.values()]),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("layer:N", title="Layer"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("intensity:Q", title="Macs per byte", format=".2f"),
                alt.Tooltip("speed:Q", title="Macs per second", format=".3s"),
                alt.Tooltip("roof:Q", title="Roof", format=".3s"),
                alt.Tooltip("milliseconds:Q", title="Time (ms)", format=".3f"),
            ],
        )
    )
    return axes.framed(
        axes.layers(_roof(measured, rows), points),
        rows,
        f"Roofline of {measured.name}: macs per second of each layer against its "
        "macs per byte, under what the machine allows",
    )


def _roof(measured: Roofline, rows: axes.Rows) -> alt.Chart:
    peaks = measured.peaks
    least = min([row["intensity"] for row in rows] + [peaks.ridge]) / _ROOM
    most = max([row["intensity"] for row in rows] + [peaks.ridge]) * _ROOM
    corners = [
        {"intensity": x, "speed": min(peaks.macs.rate, x * peaks.memory.rate)}
        for x in (least, peaks.ridge, most)
    ]
    return (
        alt.Chart(axes.data(corners))
        .mark_line(style="fit", strokeDash=[1, 0])
        .encode(x=_intensity("intensity:Q"), y=_speed("speed:Q"))
    )


def _row(measured: Roofline, layer: Layer, seconds: float) -> dict[str, object]:
    return {
        "layer": layer.name,
        "row": layer.name or ".",
        "kind": kind_of(layer),
        "intensity": layer.intensity,
        "speed": layer.macs / seconds,
        "roof": attainable(layer, measured.peaks),
        "milliseconds": 1e3 * seconds,
    }


def _intensity(field: str) -> alt.X:
    return alt.X(
        field,
        title="Intensity (macs per byte)",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~g", values=_SMALL),
    )


def _speed(field: str) -> alt.Y:
    return alt.Y(
        field,
        title="Macs per second",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~s", values=_TICKS),
    )
