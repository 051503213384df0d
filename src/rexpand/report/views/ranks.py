"""The ranks of layers and the spectra of networks, as views."""

from typing import TYPE_CHECKING

from rexpand.records import LayerStudy, NetworkRank
from rexpand.report import formats
from rexpand.report.views.table import Column, Table, decimals
from rexpand.report.views.view import View

if TYPE_CHECKING:
    import altair as alt


def _network_table(found: NetworkRank) -> Table:
    return Table(
        title=(
            f"{found.name} with {found.weights} weights on "
            f"{formats.plural(found.images, 'image')} of {found.data}"
        ),
        columns=(
            Column(name="layer", title="layer"),
            Column(name="kind", title="kind"),
            Column(name="channels", title="channels"),
            Column(name="rank", title="rank"),
            Column(name="rank_ratio", title="rank ratio", written=decimals(3)),
            Column(name="effective_rank", title="effective rank", written=decimals(1)),
            Column(name="stable_rank", title="stable rank", written=decimals(1)),
            Column(name="nuclear_norm", title="nuclear norm", written=decimals(1)),
        ),
        rows=tuple(
            (
                layer.name,
                layer.kind,
                layer.channels,
                layer.rank,
                layer.rank_ratio,
                layer.effective_rank,
                layer.stable_rank,
                layer.nuclear_norm,
            )
            for layer in found.layers
        ),
    )


def _network_chart(found: NetworkRank) -> "alt.LayerChart | None":
    from rexpand.report import charts

    return charts.rank_by_depth(found, "effective_rank")


def _layers_table(study: LayerStudy) -> Table:
    return Table(
        title=(
            f"Rank of random layers, preset {study.preset}: "
            f"{study.networks} networks a point"
        ),
        columns=(
            Column(name="structure", title="layer", written=formats.panel),
            Column(name="activation", title="nonlinearity", written=formats.activation),
            Column(name="dim_ratio", title="dim ratio", written=lambda x: f"{x:g}"),
            Column(name="rank_ratio", title="rank ratio", written=decimals(3)),
            Column(name="ci_low", title="95 % from", written=decimals(3)),
            Column(name="ci_high", title="to", written=decimals(3)),
        ),
        rows=tuple(
            (
                each.structure,
                each.activation,
                each.dim_ratio,
                each.rank_ratio,
                each.ci_low,
                each.ci_high,
            )
            for each in study.points
        ),
    )


def _layers_chart(study: LayerStudy) -> "alt.FacetChart":
    from rexpand.report import charts

    return charts.rank_curves(study)


NETWORK_RANK = View(
    table=_network_table,
    chart=_network_chart,
    missing="no layer of the network outputs a map",
)
LAYER_STUDY = View(table=_layers_table, chart=_layers_chart)
