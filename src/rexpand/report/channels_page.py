"""The page that shows networks side by side."""

from collections.abc import Sequence

from rexpand.records import Provenance
from rexpand.report import markup
from rexpand.report.document import document, provenance
from rexpand.report.figures import Figure
from rexpand.report.networks import NetworkRow

_COLUMNS = (
    markup.Column(title="Network"),
    markup.Column(title="Stem", is_number=True),
    markup.Column(title="Channels", hint="width (blocks) of each stage"),
    markup.Column(title="Line", is_number=True, hint="least squares; i counts from 0"),
    markup.Column(title="R²", is_number=True),
    markup.Column(title="Top-1 (%)", is_number=True, hint="as its source publishes it"),
    markup.Column(title="Params", is_number=True),
    markup.Column(title="Macs", is_number=True),
)


def channels_figure(rows: Sequence[NetworkRow]) -> Figure:
    """The channels of the networks on one axis."""
    from rexpand.report import charts

    return Figure(
        name="channels",
        title="Channel configurations",
        caption=(
            "Output channels of each block against block index; dashed, the least-"
            "squares line. Drawn as the inset of Table 1 of arXiv 2007.00992."
        ),
        spec=charts.channels_chart(rows).to_dict(),
    )


def channels_page(
    rows: Sequence[NetworkRow], figure: Figure, origin: Provenance | None = None
) -> str:
    """The table and the figure as one HTML document; `origin` is what computed them."""
    closest = max(rows, key=lambda row: row.fit.r_squared)
    body = [
        markup.section("Channels", markup.figure(1, figure), "channels"),
        markup.section("Networks", networks_table(rows), "networks"),
        provenance([origin]) if origin else "",
    ]
    return document(
        title="Channel configurations",
        kicker=", ".join(row.name for row in rows),
        lead=(
            f"Of {len(rows)} networks, {closest.name} is closest to channels that rise "
            f"linearly: R² {closest.r_squared}."
            if len(rows) > 1
            else f"{closest.name}: channels {closest.line}, R² {closest.r_squared}."
        ),
        body="".join(body),
        figures=[figure],
    )


def networks_table(rows: Sequence[NetworkRow]) -> str:
    """A row per network, as in Table 1 of the paper."""
    caption = (
        "Stages are written as width (blocks). The line is fitted to the channels by "
        "least squares; i counts blocks from 0. Top-1 is that of the network's source."
    )
    return markup.table(_COLUMNS, [_cells(row) for row in rows], caption, "sortable")


def _cells(row: NetworkRow) -> list[markup.Cell]:
    number = markup.Cell
    return [
        markup.Cell(text=row.name),
        number(text=str(row.stem), value=row.stem, is_number=True),
        markup.Cell(text=row.stages, markup=markup.sparkline(row.channels)),
        number(text=row.line, value=row.fit.slope, is_number=True),
        number(text=row.r_squared, value=row.fit.r_squared, is_number=True),
        number(text=row.top1, is_number=True),
        number(text=row.params, is_number=True),
        number(text=row.macs, is_number=True),
    ]
