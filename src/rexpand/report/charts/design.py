"""A design: its trials, the verdict with both intervals, the hours."""

import altair as alt

from rexpand.records import Interval
from rexpand.records.design import DesignProposal, DesignVerdict
from rexpand.report.charts import axes


def design_trials(proposal: DesignProposal) -> alt.LayerChart:
    """The accuracy of every candidate, the chosen one marked."""
    rows = [
        {
            "candidate": str(each.candidate),
            "accuracy": each.accuracy,
            "asked": each.question,
            "row": str(number),
        }
        for number, each in enumerate(proposal.trials)
    ]
    best = str(proposal.winner)
    chosen = [each for each in rows if each["candidate"] == best]
    place = {
        "x": alt.X(
            "accuracy:Q",
            title="Held-out accuracy (%)",
            scale=alt.Scale(zero=False, padding=12),
            axis=alt.Axis(tickCount=5),
        ),
        "y": alt.Y(
            "candidate:N",
            title=None,
            sort=[str(each["candidate"]) for each in rows],
            axis=alt.Axis(labelLimit=0),
        ),
    }
    points = (
        alt.Chart()
        .mark_point(filled=True, size=90, opacity=1, cursor="pointer")
        .encode(
            **place,
            color=alt.Color(
                "asked:N",
                scale=alt.Scale(domain=["family", "size"], range="ordinal"),
                legend=alt.Legend(title=None, orient="top"),
            ),
            shape=alt.Shape(
                "asked:N",
                scale=alt.Scale(domain=["family", "size"], range=["circle", "square"]),
            ),
            tooltip=[
                alt.Tooltip("candidate:N", title="Candidate"),
                alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
            ],
        )
    )
    ring = (
        alt.Chart(axes.data(chosen))
        .mark_point(style="best", size=300, filled=False)
        .encode(**place)
    )
    return axes.framed(
        axes.layers(ring, points), rows, "Accuracy of each candidate in its trial"
    )


def design_gain(verdict: DesignVerdict) -> alt.LayerChart:
    """The gain of each seed, and its interval over seeds and over images."""
    title = "Gain in test accuracy (points)"
    seeds = [
        {"what": "each seed", "gain": gain, "seed": seed, "row": str(seed)}
        for seed, gain in enumerate(verdict.gains)
    ]
    known = {"over seeds": verdict.by_seed, "over images": verdict.by_image}
    spans = [_span(name, each) for name, each in known.items() if each.low is not None]
    place = alt.Y(
        "what:N",
        title=None,
        sort=["each seed", *known],
        axis=alt.Axis(labelLimit=0),
    )
    x = alt.X("gain:Q", title=title)
    points = (
        alt.Chart()
        .mark_circle(size=75, opacity=0.85)
        .encode(
            x=x,
            y=place,
            tooltip=[
                alt.Tooltip("seed:Q", title="Seed"),
                alt.Tooltip("gain:Q", title="Gain (points)", format="+.2f"),
            ],
        )
    )
    summed = alt.Chart(axes.data(spans))
    rules = summed.mark_rule(style="front", strokeWidth=2).encode(
        x=alt.X("low:Q", title=title), x2="high:Q", y=place
    )
    middles = summed.mark_tick(style="front", thickness=3, size=26).encode(x=x, y=place)
    zero = alt.Chart(axes.data([{"gain": 0.0}])).mark_rule(style="fit").encode(x=x)
    return axes.framed(
        axes.layers(zero, rules, middles, points),
        seeds,
        "Gain of the searched network over that of the catalogue",
    )


def design_channels(verdict: DesignVerdict) -> alt.LayerChart:
    """Channels of both networks against block index."""
    sides = {"searched": verdict.searched, "catalogue": verdict.catalogue}
    rows = [
        {"side": name, "block": block, "channels": width, "row": name}
        for name, side in sides.items()
        for block, width in enumerate(side.channels, start=1)
    ]
    base = alt.Chart().encode(
        x=axes.block_axis(len(verdict.searched.channels)),
        y=axes.channels_axis("channels:Q"),
        color=alt.Color(
            "side:N",
            scale=alt.Scale(domain=[*sides], range="ordinal"),
            legend=alt.Legend(title=None, orient="top"),
        ),
    )
    points = base.mark_point(filled=True, size=45, opacity=1).encode(
        shape=alt.Shape("side:N", scale=alt.Scale(domain=[*sides])),
        tooltip=["side:N", "block:Q", "channels:Q"],
    )
    return axes.framed(
        axes.layers(base.mark_line(strokeWidth=2), points),
        rows,
        "Channels of the searched network and of the catalogue's",
    )


def _span(name: str, found: Interval) -> dict[str, object]:
    return {"what": name, "gain": found.mean, "low": found.low, "high": found.high}
