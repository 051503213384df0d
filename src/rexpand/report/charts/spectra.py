"""The ranks of a network's layers along its depth, and spectra on one axis."""

from collections.abc import Sequence
from itertools import accumulate
from math import ceil
from typing import Literal

import altair as alt

from rexpand.records import LayerRank, NetworkRank
from rexpand.report.charts import axes

Measure = Literal["effective_rank", "rank_ratio"]

_TITLES = {
    "effective_rank": "Effective rank / channels (%)",
    "rank_ratio": "Rank ratio",
}
_MOST_POINTS = 200  # of a spectrum that is drawn
_TICKS = [digit * 10**power for power in range(-4, 1) for digit in (1, 2, 5)]
_LEAST_SHARE = 1e-4  # of the largest singular value; what is smaller is not drawn
_STAGES = {
    "convolution": "convolution",
    "linear": "convolution",
    "norm": "after the norm",
    "activation": "after the activation",
}
_ORDER = ["after the activation", "after the norm", "convolution"]


def mapped_layers(found: NetworkRank) -> list[LayerRank]:
    """The layers whose outputs are maps: neither squeeze-excite nor classifier."""
    return [
        layer
        for layer in found.layers
        if layer.kind != "features" and any(length > 1 for length in layer.side)
    ]


def rank_by_depth(found: NetworkRank, measure: Measure) -> alt.LayerChart | None:
    """Rank after each convolution, its norm and its activation, in forward order.

    None for a network without feature maps.
    """
    rows = _depth_rows(found, measure)
    if not rows:
        return None
    base = alt.Chart().encode(
        x=alt.X(
            "place:Q",
            title="Convolution, in forward order",
            axis=alt.Axis(format="d", tickMinStep=1),
            scale=alt.Scale(nice=False, padding=14),
        )
    )
    value = alt.Y("value:Q", title=_TITLES[measure], scale=alt.Scale(zero=True))
    span = base.mark_rule(strokeWidth=1, opacity=0.35).encode(
        y=alt.Y("min(value):Q", title=_TITLES[measure]), y2="max(value):Q"
    )
    points = base.mark_point(filled=True, size=60, opacity=1, cursor="pointer").encode(
        y=value,
        color=alt.Color(
            "stage:N",
            scale=alt.Scale(domain=_ORDER),
            legend=alt.Legend(title=None, orient="top"),
        ),
        shape=alt.Shape("stage:N", scale=alt.Scale(domain=_ORDER)),
        tooltip=[
            alt.Tooltip("layer:N", title="Layer"),
            alt.Tooltip("channels:Q", title="Channels"),
            alt.Tooltip("rank_ratio:Q", title="Rank ratio", format=".3f"),
            alt.Tooltip("effective_rank:Q", title="Effective rank", format=".1f"),
            alt.Tooltip("nuclear_norm:Q", title="Nuclear norm", format=".4s"),
            alt.Tooltip("params:Q", title="Params", format=",d"),
            alt.Tooltip("macs:Q", title="Macs", format=",d"),
        ],
    )
    return axes.framed(
        axes.layers(span, points), rows, f"{_TITLES[measure]} by depth, {found.name}"
    )


def spectrum_distributions(ranks: Sequence[NetworkRank]) -> alt.LayerChart | None:
    """Figure 5 (right): the cumulative distribution of the singular values.

    Of the inputs of each network's classifier, each value over the largest; None if no
    network has a classifier.
    """
    rows = [row for found in ranks for row in _distribution_rows(found)]
    if not rows:
        return None
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(
            x=alt.X(
                "value:Q",
                title="Singular value / the largest",
                scale=alt.Scale(type="log", domainMax=1, nice=False),
                axis=alt.Axis(format="~g", values=_TICKS),
            ),
            y=alt.Y(
                "share:Q",
                title="Singular values up to it (%)",
                scale=alt.Scale(domain=[0, 100]),
            ),
            color=_by_network(ranks),
            tooltip=[
                alt.Tooltip("network:N", title="Network"),
                alt.Tooltip("value:Q", title="Of the largest", format=".3g"),
                alt.Tooltip("share:Q", title="Values up to it (%)", format=".1f"),
            ],
        )
    )
    return axes.framed(
        axes.layers(lines), rows, "Distribution of the singular values of the features"
    )


def cumulative_spectra(ranks: Sequence[NetworkRank]) -> alt.LayerChart | None:
    """What share of their sum the first singular values hold.

    Of the inputs of each network's classifier; None if none has a classifier.
    """
    rows = [row for found in ranks for row in _cumulative_rows(found)]
    if not rows:
        return None
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("index:Q", title="Singular values, the largest first"),
            y=alt.Y(
                "share:Q", title="Share of their sum (%)", scale=alt.Scale(zero=True)
            ),
            color=_by_network(ranks),
            tooltip=[
                alt.Tooltip("network:N", title="Network"),
                alt.Tooltip("index:Q", title="Singular values"),
                alt.Tooltip("share:Q", title="Share (%)", format=".1f"),
            ],
        )
    )
    return axes.framed(
        axes.layers(lines), rows, "Sum held by the largest singular values"
    )


def _by_network(ranks: Sequence[NetworkRank]) -> alt.Color:
    """The colour of each network that has a classifier."""
    return alt.Color(
        "network:N",
        scale=alt.Scale(domain=[each.name for each in ranks if each.features]),
        legend=alt.Legend(title=None, orient="top", columns=3),
    )


def _depth_rows(found: NetworkRank, measure: Measure) -> axes.Rows:
    rows, place = [], 0
    for layer in mapped_layers(found):
        place += layer.kind in ("convolution", "linear")
        share = 100 * layer.effective_rank / layer.channels
        rows.append(
            {
                "place": max(place, 1),
                "value": share if measure == "effective_rank" else layer.rank_ratio,
                "stage": _STAGES[layer.kind],
                "layer": layer.name,
                "row": layer.name,
                "channels": layer.channels,
                "rank_ratio": layer.rank_ratio,
                "effective_rank": layer.effective_rank,
                "nuclear_norm": layer.nuclear_norm,
                "params": layer.params,
                "macs": layer.macs,
            }
        )
    return rows


def _distribution_rows(found: NetworkRank) -> axes.Rows:
    """Value over the largest, and the percentage of the values that are at most it.

    As many values as the samples allow: with fewer samples than channels the others
    are 0, whatever the network.
    """
    layer = found.features
    if layer is None or not sum(layer.singular_values):
        return []
    largest = max(layer.singular_values)
    count = min(layer.samples, layer.channels)
    values = sorted(value / largest for value in layer.singular_values[:count])
    drawn = [n for n, value in enumerate(values) if value >= _LEAST_SHARE]
    step = ceil(len(drawn) / _MOST_POINTS)
    start = {"network": found.name, "value": values[drawn[0]]}
    return [
        {**start, "share": 100 * drawn[0] / count},
        *(
            {
                "network": found.name,
                "value": values[n],
                "share": 100 * (n + 1) / count,
            }
            for n in sorted({*drawn[::step], drawn[-1]})
        ),
    ]


def _cumulative_rows(found: NetworkRank) -> axes.Rows:
    layer = found.features
    if layer is None or not sum(layer.singular_values):
        return []
    total = sum(layer.singular_values)
    shares = [0.0, *(100 * s / total for s in accumulate(layer.singular_values))]
    step = ceil(len(shares) / _MOST_POINTS)
    kept = sorted({*range(0, len(shares), step), len(shares) - 1})
    return [
        {"network": found.name, "index": index, "share": shares[index]}
        for index in kept
    ]
