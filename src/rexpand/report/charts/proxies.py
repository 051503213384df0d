"""The tau of every proxy with the trained accuracy, with its interval."""

import altair as alt

from rexpand.records import StudySummary
from rexpand.report.charts import axes
from rexpand.report.proxies_section import NAMES


def proxy_taus(summary: StudySummary) -> alt.LayerChart | None:
    """One row a proxy, the counted ones first; None without a comparison."""
    found = summary.proxies
    if found is None:
        return None
    names = [NAMES[each.name] for each in found.proxies]
    rows: axes.Rows = [
        {
            "proxy": NAMES[each.name],
            "kind": "counted" if each.is_counted else "measured",
            "tau": each.tau.mean,
            "low": each.tau.low,
            "high": each.tau.high,
        }
        for each in found.proxies
    ]
    base = alt.Chart().encode(
        y=alt.Y("proxy:N", title=None, sort=names, scale=alt.Scale(domain=names)),
        tooltip=[
            alt.Tooltip("proxy:N", title="Proxy"),
            alt.Tooltip("tau:Q", title="Kendall's tau", format="+.2f"),
            alt.Tooltip("low:Q", title="Interval from", format="+.2f"),
            alt.Tooltip("high:Q", title="to", format="+.2f"),
        ],
    )
    color = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["measured", "counted"]),
        legend=alt.Legend(title=None, orient="top"),
    )
    intervals = base.mark_rule(strokeWidth=2).encode(
        x=_tau_axis("low:Q"), x2="high:Q", color=color
    )
    points = base.mark_circle(size=70, opacity=1).encode(
        x=_tau_axis("tau:Q"), color=color
    )
    zero = (
        alt.Chart(axes.data([{"zero": 0}]))
        .mark_rule(style="front", strokeDash=[4, 4])
        .encode(x="zero:Q")
    )
    return axes.framed(
        axes.layers(zero, intervals, points),
        rows,
        f"Kendall's tau of proxies with accuracy, study {summary.name}",
    )


def _tau_axis(field: str) -> alt.X:
    return alt.X(
        field,
        title="Kendall's tau with the trained accuracy",
        axis=alt.Axis(tickCount=6),
    )
