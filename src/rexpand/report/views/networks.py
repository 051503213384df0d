"""Specs, costs, parts of networks, solutions and samples of the budget, as views."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rexpand.cost import Cost, Part, cost_of, part_costs
from rexpand.report import formats
from rexpand.report.networks import network_row
from rexpand.report.views.table import Column, Table, decimals
from rexpand.report.views.view import View
from rexpand.spec import NetworkSpec

if TYPE_CHECKING:
    import altair as alt

    from rexpand.budget import Sample, Solution

COUNTS = ("params", "macs", "activations", "memory_access")
_COUNTS = tuple(Column(name=name, title=name, written=decimals(0)) for name in COUNTS)
_PART_COUNTS = tuple(
    Column(name=name, title=name, written=formats.count, has_bar=True)
    for name in COUNTS
)
_SAMPLE_COUNTS = tuple(replace(column, has_bar=False) for column in _PART_COUNTS)


def _spec_table(spec: NetworkSpec) -> Table:
    cost = cost_of(spec)
    return Table(
        title=(
            f"{spec.name}, {spec.in_channels} x {spec.resolution} pixels: "
            f"{formats.count(cost.params)} params, {formats.count(cost.macs)} macs"
        ),
        columns=(
            Column(name="part", title="part"),
            Column(name="kind", title="kind"),
            Column(name="channels", title="channels", written=decimals(0)),
            Column(name="size", title="size"),
            *_PART_COUNTS,
        ),
        rows=tuple(_part_row(spec, part) for part in part_costs(spec)),
    )


def _part_row(spec: NetworkSpec, part: Part) -> tuple[object, ...]:
    section, _, place = part.name.partition(".")
    kind = spec.blocks[int(place)].kind if section == "blocks" else ""
    counts = (getattr(part.cost, name) for name in COUNTS)
    return part.name, kind, part.out_channels, part.size, *counts


def _spec_chart(spec: NetworkSpec) -> "alt.LayerChart":
    from rexpand.report import charts

    return charts.channels_chart([network_row(spec)])


def _cost_table(cost: Cost) -> Table:
    columns = np.broadcast_arrays(*(getattr(cost, name) for name in COUNTS))
    rows = zip(*(np.atleast_1d(column).tolist() for column in columns), strict=True)
    return Table(title="Cost for one image", columns=_COUNTS, rows=tuple(rows))


def _cost_chart(cost: Cost) -> "alt.LayerChart":
    from rexpand.report.charts.costs import counts_chart, params_against_macs

    rows = [dict(zip(COUNTS, row, strict=True)) for row in _cost_table(cost).rows]
    return counts_chart(rows[0]) if len(rows) == 1 else params_against_macs(rows)


def _solution_table(solution: "Solution") -> Table:
    spec = solution.spec
    relaxed = solution.relaxed.widths(spec.depth)
    return Table(
        title=(
            f"{spec.name}: {formats.count(solution.cost.macs)} macs, "
            f"{formats.count(solution.cost.params)} params; "
            f"{100 * solution.fill:.2f} % of the tightest bound"
        ),
        columns=(
            Column(name="block", title="block"),
            Column(name="relaxed", title="before rounding", written=decimals(1)),
            Column(
                name="channels", title="channels", written=decimals(0), has_bar=True
            ),
        ),
        rows=tuple(
            (block, width, channels)
            for block, (width, channels) in enumerate(
                zip(relaxed, spec.channels, strict=True), start=1
            )
        ),
    )


def _solution_chart(solution: "Solution") -> "alt.LayerChart":
    return _spec_chart(solution.spec)


def _sample_table(sample: "Sample") -> Table:
    counts = zip(*(getattr(sample, name).tolist() for name in COUNTS), strict=True)
    rows = zip(
        sample.shapes, _configurations(sample), counts, sample.weights, strict=False
    )
    return Table(
        title=f"{len(sample.shapes):,} configurations within the budget",
        columns=(
            Column(name="number", title="number"),
            Column(name="shape", title="shape"),
            Column(name="channels", title="channels", written=formats.configuration),
            *_SAMPLE_COUNTS,
            Column(name="weight", title="weight", written=decimals(3)),
        ),
        rows=tuple(
            (number, shape, channels, *costs, float(weight))
            for number, (shape, channels, costs, weight) in enumerate(rows)
        ),
    )


def _sample_chart(sample: "Sample") -> "alt.LayerChart | None":
    from rexpand.report.charts.costs import sampled_channels

    return sampled_channels(sample.shapes, _configurations(sample))


def _configurations(sample: "Sample") -> Sequence[tuple[int, ...]]:
    return [tuple(row) for row in sample.channels.tolist()]


SPEC = View(table=_spec_table, chart=_spec_chart)
COST = View(table=_cost_table, chart=_cost_chart)
SOLUTION = View(table=_solution_table, chart=_solution_chart)
SAMPLE = View(
    table=_sample_table, chart=_sample_chart, missing="the sample has no configuration"
)
