"""Costs alone: the counts of one network, many networks, the channels of a sample."""

from collections.abc import Mapping, Sequence

import altair as alt

from rexpand.report import costs, formats
from rexpand.report.charts import axes

_MOST_LINES = 300  # more hide each other


def counts_chart(counts: Mapping[str, float]) -> alt.LayerChart:
    """The counts of one network by name, on a logarithmic axis."""
    rows: axes.Rows = [
        {"count": costs.title(name), "value": value, "text": formats.count(value)}
        for name, value in counts.items()
    ]
    base = alt.Chart().encode(
        y=alt.Y("count:N", title=None, sort=None),
        x=alt.X(
            "value:Q",
            title="Count",
            scale=alt.Scale(type="log", domainMin=1, nice=True),
            axis=alt.Axis(format="~s", tickCount=6),
        ),
    )
    points = base.mark_point(filled=True, style="trial", size=120, opacity=1)
    texts = base.mark_text(align="left", dx=12, style="on_low").encode(text="text:N")
    chart = axes.framed(axes.layers(points, texts), rows, "Counts for one image")
    return chart.properties(height=150)


def params_against_macs(rows: Sequence[Mapping[str, float]]) -> alt.LayerChart:
    """Many configurations, one point each."""
    points = (
        alt.Chart()
        .mark_point(filled=True, style="trial", opacity=0.6, size=40)
        .encode(x=_count_axis(alt.X, "macs"), y=_count_axis(alt.Y, "params"))
    )
    return axes.framed(
        axes.layers(points), [dict(row) for row in rows], "Params against macs"
    )


def sampled_channels(
    shapes: Sequence[str], configurations: Sequence[tuple[int, ...]]
) -> alt.LayerChart | None:
    """Channels of a sample against block index, coloured by shape; None of no sample."""
    if not configurations:
        return None
    step = -(-len(configurations) // _MOST_LINES)
    rows: axes.Rows = [
        {"number": number, "shape": shape, "block": block, "channels": width}
        for number, (shape, channels) in enumerate(
            zip(shapes, configurations, strict=True)
        )
        if number % step == 0
        for block, width in enumerate(channels, start=1)
    ]
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=1, opacity=0.6)
        .encode(
            x=axes.block_axis(len(configurations[0])),
            y=axes.channels_axis("channels:Q"),
            color=axes.shape_color(list(dict.fromkeys(shapes))),
            detail="number:N",
        )
    )
    return axes.framed(axes.layers(lines), rows, "Channels of a sample by shape")


def _count_axis(kind: type[alt.X] | type[alt.Y], name: str) -> alt.X | alt.Y:
    return kind(
        f"{name}:Q",
        title=costs.title(name),
        scale=alt.Scale(zero=False, padding=10),
        axis=alt.Axis(format="~s", tickCount=6),
    )
