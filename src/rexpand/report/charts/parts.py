"""The parts of one network: their shares of its cost, and where a machine's roof is.

Both charts are of the closed form, so that they can follow a drag: the rows are functions
of their own, and a page that has the chart replaces them.
"""

from collections.abc import Sequence

import altair as alt

from rexpand.cost import Part, Peaks
from rexpand.report.charts import axes

_BYTES = 4  # of an element, float32
_COUNTS = ("macs", "params")
_LIMITS = ("arithmetic", "memory")
_TICKS = [digit * 10**power for power in range(13) for digit in (1, 2, 5)]
_SMALL = [digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5)]
_INTENSITIES = (0.1, 50.0)  # macs per byte; convolutions of every catalogue network


def part_shares(parts: Sequence[Part]) -> alt.LayerChart:
    """What share of the macs and of the params each part has, in forward order."""
    scale = alt.Scale(domain=[*_COUNTS])
    marks = (
        alt.Chart()
        .mark_bar()
        .encode(
            x=alt.X(
                "part:N", sort=None, title="Part", axis=alt.Axis(labelOverlap=True)
            ),
            xOffset=alt.XOffset("count:N", sort=[*_COUNTS]),
            y=alt.Y("share:Q", title="Share (%)", axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                "count:N", scale=scale, legend=alt.Legend(title=None, orient="top")
            ),
            tooltip=[
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("channels:Q", title="Channels"),
                alt.Tooltip("count:N", title="Count"),
                alt.Tooltip("number:Q", title="Number", format=","),
                alt.Tooltip("share:Q", title="Share (%)", format=".1f"),
            ],
        )
    )
    return axes.framed(
        axes.layers(marks), share_rows(parts), "Shares of macs and params by part"
    )


def share_rows(parts: Sequence[Part]) -> axes.Rows:
    """The rows of `part_shares`."""
    totals = {
        name: sum(getattr(part.cost, name) for part in parts) or 1 for name in _COUNTS
    }
    return [
        {
            "part": part_label(part),
            "channels": part.out_channels,
            "count": name,
            "number": getattr(part.cost, name),
            "share": 100 * getattr(part.cost, name) / totals[name],
        }
        for part in parts
        for name in _COUNTS
    ]


def parts_under_roof(parts: Sequence[Part], peaks: Peaks) -> alt.LayerChart:
    """The most macs per second of each part, at its macs per byte, logarithmic both.

    Every point is on the roof that the machine's bandwidth and arithmetic give; its area
    is the part's macs.
    """
    legend = alt.Legend(title="Limited by", orient="top")
    points = (
        alt.Chart()
        .mark_point(filled=True, opacity=0.65)
        .encode(
            x=_intensity(),
            y=_speed(),
            size=alt.Size(
                "macs:Q", scale=alt.Scale(type="sqrt", range=[15, 420]), legend=None
            ),
            color=alt.Color(
                "limit:N", scale=alt.Scale(domain=[*_LIMITS]), legend=legend
            ),
            tooltip=[
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("intensity:Q", title="Macs per byte", format=".2f"),
                alt.Tooltip("speed:Q", title="Most macs per second", format=".3s"),
                alt.Tooltip("macs:Q", title="Macs", format=","),
                alt.Tooltip("microseconds:Q", title="At least (us)", format=".1f"),
            ],
        )
    )
    return axes.framed(
        axes.layers(_roof(peaks), points),
        roof_rows(parts, peaks),
        "Roofline: the most macs per second of each part against its macs per byte",
    )


def roof_rows(parts: Sequence[Part], peaks: Peaks) -> axes.Rows:
    """The rows of `parts_under_roof`; parts without macs have no place there."""
    return [_roof_row(part, peaks) for part in parts if part.cost.macs]


def part_label(part: Part) -> str:
    """A part as an axis names it; blocks are counted from 1 there, as in papers."""
    numbers = part.name.removeprefix("blocks.").split("-")
    if part.name.startswith("blocks.") and all(each.isdigit() for each in numbers):
        return "-".join(str(int(each) + 1) for each in numbers)
    return part.name


def _roof_row(part: Part, peaks: Peaks) -> dict[str, object]:
    intensity = part.cost.macs / (_BYTES * max(part.cost.memory_access, 1))
    speed = min(peaks.macs.rate, intensity * peaks.memory.rate)
    return {
        "part": part_label(part),
        "macs": part.cost.macs,
        "intensity": intensity,
        "speed": speed,
        "limit": "arithmetic" if intensity >= peaks.ridge else "memory",
        "microseconds": 1e6 * part.cost.macs / speed,
    }


def _roof(peaks: Peaks) -> alt.Chart:
    low, high = _INTENSITIES
    corners = [
        {"intensity": x, "speed": min(peaks.macs.rate, x * peaks.memory.rate)}
        for x in (low, min(max(peaks.ridge, low), high), high)
    ]
    return (
        alt.Chart(axes.data(corners))
        .mark_line(style="fit", strokeDash=[1, 0])
        .encode(x=_intensity(), y=_speed())
    )


def _intensity() -> alt.X:
    return alt.X(
        "intensity:Q",
        title="Intensity (macs per byte)",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~g", values=_SMALL, labelOverlap=True),
    )


def _speed() -> alt.Y:
    return alt.Y(
        "speed:Q",
        title="Macs per second",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~s", values=_TICKS, labelOverlap=True),
    )
