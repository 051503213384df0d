"""The layer study: Figure 1, panel by panel, and what each axis of a protocol moves."""

from collections.abc import Sequence

import altair as alt

from rexpand.records import LayerStudy, SensitivityStudy
from rexpand.report import formats
from rexpand.report.charts import axes
from rexpand.report.theme import LIGHT, vega_config

_PANEL_WIDTH = 390
_PANEL_HEIGHT = 270
_ROW_HEIGHT = 21
# By the theme's categories: the rectifiers warm, the smooth ones cool, linear grey.
_COLORS = (
    "relu",
    "silu",
    "elu",
    "linear",
    "softplus",
    "relu6",
    "hard_swish",
    "leaky_relu",
)


def rank_curves(study: LayerStudy) -> alt.FacetChart:
    """Mean rank ratio against dim_ratio, one panel per structure, one curve per activation.

    Bands are 95 % intervals. Hollow points were read off the printed figure. A click in
    the legend keeps one curve.
    """
    chosen = alt.selection_point(fields=["curve"], bind="legend", name="chosen")
    shown = alt.condition(chosen, alt.value(1), alt.value(0.12))
    base = alt.Chart().encode(
        x=alt.X(
            "dim_ratio:Q",
            title="Dimension ratio, input / output channels",
            axis=alt.Axis(values=[0.2, 0.4, 0.6, 0.8, 1.0], format=".1f"),
            scale=alt.Scale(domain=[0.05, 1.03], nice=False),
        ),
        color=_color(study.activations),
    )
    measured = base.transform_filter("datum.kind == 'measured'")
    band = measured.mark_area(opacity=0.18).encode(
        y=_rank_axis("low:Q"),
        y2="high:Q",
        opacity=alt.condition(chosen, alt.value(0.18), alt.value(0.03)),
    )
    line = measured.mark_line(strokeWidth=1.8).encode(
        y=_rank_axis("rank_ratio:Q"), opacity=shown
    )
    points = measured.mark_circle(size=22, opacity=1).encode(
        y=_rank_axis("rank_ratio:Q"), opacity=shown, tooltip=_tooltip()
    )
    layers = [band, line, points.add_params(chosen)]
    if study.published:
        printed = base.transform_filter("datum.kind == 'printed'")
        layers.append(
            printed.mark_point(filled=False, size=48, strokeWidth=1.3).encode(
                y=_rank_axis("rank_ratio:Q"), opacity=shown, tooltip=_tooltip()
            )
        )
    panels = [formats.panel(name) for name in study.structures]
    return (
        alt.LayerChart(layer=layers)
        .properties(width=_PANEL_WIDTH, height=_PANEL_HEIGHT)
        .facet(
            data=axes.data(_rows(study)),
            facet=alt.Facet(
                "panel:N",
                title=None,
                sort=panels,
                header=alt.Header(labelFontSize=13.5, labelPadding=8),
            ),
            columns=min(2, len(panels)),
        )
        .properties(
            spacing=28,
            description=f"Mean rank ratio against dimension ratio, {study.preset}",
            config=vega_config(LIGHT),
        )
    )


def axis_deviations(study: SensitivityStudy) -> alt.LayerChart | None:
    """How far from the printed figure the curves are for each value of each axis.

    None where no structure of the study was printed.
    """
    structures = [*study.rows[0].deviations] if study.rows else []
    if not structures:
        return None
    rows = [
        {
            "axis": "the preset itself" if row.axis == "none" else row.axis,
            "value": "" if row.axis == "none" else row.value,
            "label": "the preset itself" if row.axis == "none" else _label(row),
            "panel": formats.panel(structure),
            "deviation": deviation,
        }
        for row in study.rows
        for structure, deviation in row.deviations.items()
    ]
    base = alt.Chart().encode(
        y=alt.Y(
            "label:N",
            title=None,
            sort=None,
            axis=alt.Axis(labelLimit=0, grid=True),
        )
    )
    title = ["Mean absolute deviation", "from the printed figure"]
    reach = alt.X(
        "deviation:Q",
        title=title,
        scale=alt.Scale(type="log", clamp=True, domain=[0.01, 1], nice=False),
        axis=alt.Axis(values=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], format=".2~f"),
    )
    span = base.mark_rule(strokeWidth=1, opacity=0.35).encode(
        x=alt.X("min(deviation):Q", title=title), x2="max(deviation):Q"
    )
    panels = [formats.panel(structure) for structure in structures]
    dots = base.mark_point(filled=True, size=75, opacity=1).encode(
        x=reach,
        color=alt.Color(
            "panel:N",
            scale=alt.Scale(domain=panels),
            legend=alt.Legend(title=None, orient="top"),
        ),
        shape=alt.Shape("panel:N", scale=alt.Scale(domain=panels)),
        tooltip=[
            alt.Tooltip("axis:N", title="Axis"),
            alt.Tooltip("value:N", title="Value"),
            alt.Tooltip("panel:N", title="Panel"),
            alt.Tooltip("deviation:Q", title="Deviation", format=".3f"),
        ],
    )
    drawn = axes.framed(
        axes.layers(span, dots), rows, "Deviation from the printed figure, by axis"
    )
    return drawn.properties(height=_ROW_HEIGHT * len(study.rows))


def _label(row: object) -> str:
    axis, value = getattr(row, "axis", ""), getattr(row, "value", "")
    return f"{axis.replace('_', ' ')}: {value}"


def _rows(study: LayerStudy) -> axes.Rows:
    measured = [
        {
            "kind": "measured",
            "panel": formats.panel(point.structure),
            "curve": formats.activation(point.activation),
            "dim_ratio": point.dim_ratio,
            "rank_ratio": point.rank_ratio,
            "low": point.ci_low,
            "high": point.ci_high,
        }
        for point in study.points
    ]
    wanted = set(study.activations)
    printed = [
        {
            "kind": "printed",
            "panel": formats.panel(point.structure),
            "curve": formats.activation(point.activation),
            "dim_ratio": point.dim_ratio,
            "rank_ratio": point.rank_ratio,
        }
        for point in study.published
        if point.activation in wanted
    ]
    return measured + printed


def _rank_axis(field: str) -> alt.Y:
    return alt.Y(
        field,
        title="Mean rank ratio",
        scale=alt.Scale(domain=[0, 1.02], nice=False),
        axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1.0], format=".1f"),
    )


def _color(activations: Sequence[str]) -> alt.Color:
    names = [*map(formats.activation, activations)]
    return alt.Color(
        "curve:N",
        scale=alt.Scale(domain=[*map(formats.activation, _COLORS)]),
        legend=alt.Legend(
            title=None,
            orient="top",
            values=names,
            columns=len(names),
            symbolType="circle",
        ),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("curve:N", title="Activation"),
        alt.Tooltip("kind:N", title="Point"),
        alt.Tooltip("dim_ratio:Q", title="Dim ratio", format=".1f"),
        alt.Tooltip("rank_ratio:Q", title="Rank ratio", format=".3f"),
        alt.Tooltip("low:Q", title="95 % from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
    ]
