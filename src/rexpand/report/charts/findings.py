"""Where in a network lint found something."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from rexpand.report.charts import axes

_LEVELS = ("error", "warning", "advice", "nothing found")


@dataclass(frozen=True, kw_only=True)
class LayerFindings:
    """A layer, what it costs, and what is said of it; `level` is empty for nothing."""

    layer: str
    macs: int
    level: str
    messages: tuple[str, ...]


def findings_chart(
    network: str, layers: Sequence[LayerFindings]
) -> alt.LayerChart | None:
    """The macs of each layer in forward order, coloured by the gravest finding.

    None without layers.
    """
    if not layers:
        return None
    rows: axes.Rows = [
        {
            "place": place,
            "layer": each.layer,
            "macs": each.macs,
            "level": each.level or _LEVELS[-1],
            "says": list(each.messages),
        }
        for place, each in enumerate(layers, start=1)
    ]
    bars = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X(
                "place:O",
                title="Layer, in forward order",
                axis=alt.Axis(labelOverlap=True, labelAngle=0),
            ),
            y=alt.Y("macs:Q", title="Macs", axis=alt.Axis(format="~s", tickCount=6)),
            # The theme's fourth colour is the grey of what is in no group.
            color=alt.Color(
                "level:N",
                scale=alt.Scale(domain=list(_LEVELS)),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("layer:N", title="Layer"),
                alt.Tooltip("macs:Q", title="Macs", format=","),
                alt.Tooltip("level:N", title="Gravest finding"),
                alt.Tooltip("says:N", title="Findings"),
            ],
        )
    )
    return axes.framed(
        axes.layers(bars), rows, f"Macs of the layers of {network}, by what lint found"
    )
