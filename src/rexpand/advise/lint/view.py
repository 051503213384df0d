"""What lint found, as a view: the findings, and where in the network they are."""

from typing import TYPE_CHECKING

from rexpand.advise.lint.linting import LintReport
from rexpand.advise.rules import LEVELS
from rexpand.report import formats
from rexpand.report.views import Column, Table, View

if TYPE_CHECKING:
    import altair as alt


def _table(report: LintReport) -> Table:
    counts = [
        formats.plural(report.count(level), level)
        for level in reversed(LEVELS)
        if report.count(level)
    ]
    found = formats.listed(counts) if counts else "nothing found"
    names = ("rule", "level", "layer", "message", "cost", "fix")
    return Table(
        title=f"{report.subject.network}: {found}; {len(report.looked)} rules looked",
        columns=tuple(Column(name=name, title=name) for name in names),
        rows=tuple(
            tuple(getattr(finding, name) for name in names)
            for finding in report.findings
        ),
    )


def _chart(report: LintReport) -> "alt.LayerChart | None":
    """The macs of each layer in forward order, those with findings by the gravest."""
    from rexpand.report.charts.findings import LayerFindings, findings_chart

    found: dict[str, list[int]] = {}
    for place, finding in enumerate(report.findings):
        found.setdefault(finding.layer, []).append(place)
    return findings_chart(
        report.subject.network,
        [
            LayerFindings(
                layer=layer.name,
                macs=layer.macs,
                level=_gravest(report, found.get(layer.name, [])),
                messages=tuple(
                    f"{report.findings[place].rule}: {report.findings[place].message}"
                    for place in found.get(layer.name, [])
                ),
            )
            for layer in report.subject.graph.layers
            if layer.macs
        ],
    )


def _gravest(report: LintReport, places: list[int]) -> str:
    """Findings come the gravest first."""
    return report.findings[places[0]].level if places else ""


LINT_REPORT = View(
    table=_table, chart=_chart, missing="no layer of the network has macs"
)
