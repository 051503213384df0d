"""The channels of several networks on one axis, each with its line."""

from collections.abc import Sequence

import altair as alt

from rexpand.report.charts import axes
from rexpand.report.networks import NetworkRow

# Colours come back after as many networks; the next shape then tells them apart.
_COLOURS = 8  # of the theme
_SHAPES = ("circle", "square", "triangle-up", "diamond")


def channels_chart(rows: Sequence[NetworkRow]) -> alt.LayerChart:
    """Channels against block index, dashed the least-squares line of each network.

    The inset of Table 1 of arXiv 2007.00992. Raises ValueError without networks.
    """
    if not rows:
        raise ValueError("no networks to draw; give at least one")
    labels = [_label(row) for row in rows]
    blocks = max(len(row.channels) for row in rows)
    legend = alt.Legend(title=None, orient="top", columns=2 if len(rows) < 5 else 3)
    color = alt.Color(
        "network:N", scale=alt.Scale(domain=labels, range="ordinal"), legend=legend
    )
    shapes = [_SHAPES[i // _COLOURS % len(_SHAPES)] for i in range(len(labels))]
    base = alt.Chart().encode(
        x=axes.block_axis(blocks), y=axes.channels_axis("channels:Q"), color=color
    )
    points = base.mark_point(filled=True, size=45, opacity=1, cursor="pointer").encode(
        shape=alt.Shape(
            "network:N", scale=alt.Scale(domain=labels, range=shapes), legend=legend
        ),
        tooltip=["network:N", "block:Q", "channels:Q"],
    )
    lines = base.mark_line(strokeWidth=2)
    fits = (
        alt.Chart(axes.data(_ends(rows, labels)))
        .mark_line(strokeWidth=1, strokeDash=[4, 4], clip=True)
        .encode(
            x=axes.block_axis(blocks),
            y=axes.channels_axis("fit:Q"),
            color=color,
        )
    )
    return axes.framed(
        axes.layers(fits, lines, points),
        _points(rows, labels),
        "Channels against block index, with the line fitted to each network",
    )


def _label(row: NetworkRow) -> str:
    return f"{row.name}: {row.line}, R² {row.r_squared}"


def _points(rows: Sequence[NetworkRow], labels: Sequence[str]) -> axes.Rows:
    return [
        {"network": label, "row": row.name, "block": block, "channels": width}
        for row, label in zip(rows, labels, strict=True)
        for block, width in enumerate(row.channels, start=1)
    ]


def _ends(rows: Sequence[NetworkRow], labels: Sequence[str]) -> axes.Rows:
    """Both ends of every fitted line; the fit counts blocks from 0, the axis from 1."""
    return [
        {"network": label, "block": block + 1, "fit": row.fit.at(block)}
        for row, label in zip(rows, labels, strict=True)
        for block in (0, len(row.channels) - 1)
    ]
