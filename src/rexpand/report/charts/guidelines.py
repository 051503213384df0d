"""The stacks of one guideline against its first: here, and as the paper printed."""

from collections.abc import Sequence

import altair as alt

from rexpand.records import GuidelineStudy, Platform, PublishedSpeed
from rexpand.report.charts import axes
from rexpand.report.theme import HEIGHT

_PLATFORMS: tuple[Platform, ...] = ("ARM", "GPU")
_LOW = 0.75  # of the height of other charts: there are four


def guideline_chart(study: GuidelineStudy, guideline: int) -> alt.LayerChart:
    """Times the first stack's time, by stack; whiskers are the medians' intervals.

    A colour is a runtime or a platform of the paper; its marks are its widths, from
    narrow to wide.
    """
    rows = [*_measured(study, guideline), *_published(study, guideline)]
    series = list(dict.fromkeys(row["series"] for row in rows))
    places = list(dict.fromkeys(row["place"] for row in rows))
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    base = alt.Chart().encode(
        x=alt.X("variant:N", title=None, sort=variants, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("place:N", sort=places, scale=alt.Scale(paddingOuter=0.6)),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=series),
            legend=alt.Legend(title=None, orient="top"),
        ),
    )
    shape = alt.Shape(
        "series:N",
        scale=alt.Scale(domain=series),
        legend=alt.Legend(title=None, orient="top"),
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=_ratio("ratio:Q"), shape=shape, tooltip=_tooltip()
    )
    whiskers = base.mark_rule(strokeWidth=1.5).encode(
        y=_ratio("least:Q"), y2="most:Q", tooltip=_tooltip()
    )
    one = alt.Chart(axes.data([{"one": 1.0}])).mark_rule(style="fit").encode(y="one:Q")
    chart = axes.framed(
        axes.layers(one, whiskers, points),
        rows,
        f"Guideline {guideline}: each stack's time over the first stack's, here and "
        "in the paper",
    )
    chart.height = round(_LOW * HEIGHT)
    return chart


def _measured(study: GuidelineStudy, guideline: int) -> axes.Rows:
    found = [row for row in study.rows if row.guideline == guideline and row.verdict]
    return [
        {
            "variant": row.variant,
            "series": f"{row.runtime}, here",
            "place": f"{row.runtime} {row.width}",
            "width": row.width,
            "ratio": row.ratio.median,
            "least": row.ratio.least,
            "most": row.ratio.most,
        }
        for row in found
    ]


def _published(study: GuidelineStudy, guideline: int) -> axes.Rows:
    own = [each for each in study.published if each.guideline == guideline]
    drawn = {row.variant for row in study.rows if row.guideline == guideline}
    first = next(row.variant for row in study.rows if row.guideline == guideline)
    scales = {row.scale for row in study.rows if row.guideline == guideline}
    return [
        {
            "variant": each.variant,
            "series": f"{each.platform}, the paper",
            "place": f"{each.platform} {each.width}",
            "width": each.width,
            "ratio": (ratio := published_ratio(own, first, each)),
            "least": ratio,
            "most": ratio,
        }
        for platform in _PLATFORMS
        for each in own
        if each.platform == platform
        and each.variant in drawn
        and each.variant != first
        and each.scale in scales
    ]


def published_ratio(
    own: Sequence[PublishedSpeed], first: str, each: PublishedSpeed
) -> float:
    """A stack's time over the first stack's, from their speeds."""
    return next(
        other.per_second / each.per_second
        for other in own
        if (other.variant, other.platform, other.scale)
        == (first, each.platform, each.scale)
    )


def _ratio(field: str) -> alt.Y:
    return alt.Y(
        field,
        title="Times the first stack's",
        scale=alt.Scale(type="log", nice=False, padding=12),
        axis=alt.Axis(
            values=[0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8], format="~g"
        ),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("series:N", title="Where"),
        alt.Tooltip("variant:N", title="Stack"),
        alt.Tooltip("width:Q", title="Channels"),
        alt.Tooltip("ratio:Q", title="Ratio", format=".2f"),
        alt.Tooltip("least:Q", title="From", format=".2f"),
        alt.Tooltip("most:Q", title="To", format=".2f"),
    ]
