"""What a page of latencies says of published accuracies, and of the ReXNet paper's claims."""

from collections.abc import Iterable, Sequence

from rexpand.latency.table5 import ClaimFinding, claim_findings
from rexpand.records import LatencyStudy
from rexpand.report import markup
from rexpand.report.figures import Figure
from rexpand.report.latency_accuracy import PAPER, accuracy_points
from rexpand.report.latency_accuracy_findings import by_claim, claim_sentence, pair
from rexpand.report.latency_rows import settings
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Claim"),
    Column(title="Runtime"),
    Column(title="Precision"),
    Column(title="Threads", is_number=True),
    Column(
        title="Printed", is_number=True, hint="the quotient of the paper's latencies"
    ),
    Column(title="At least", is_number=True, hint="what the verdict asks for"),
    Column(title="Here", is_number=True, hint="the median of the rounds' ratios"),
    Column(title="Interval", hint="of the ratio, of 95 %"),
    Column(title="Verdict"),
)


def accuracy_figures(studies: Sequence[LatencyStudy]) -> tuple[Figure, ...]:
    """A figure for each number of threads and images that has published accuracies."""
    from rexpand.report import charts

    return tuple(
        Figure(
            name=f"accuracy_{each.name}",
            title=f"Published accuracy against latency, {each.title}",
            caption=_caption(each.panel for each in points),
            spec=charts.accuracy_against_latency(points).to_dict(),
        )
        for each in settings(studies)
        if (points := accuracy_points(each))
    )


def accuracy_sections(
    studies: Sequence[LatencyStudy], figures: Sequence[Figure], first: int
) -> str:
    """The figures, numbered from `first`, and the paper's claims; empty without them."""
    drawn = "".join(
        markup.figure(place, each) for place, each in enumerate(figures, start=first)
    )
    found = claim_findings(studies)
    return "".join(
        (
            *(
                [markup.section("Accuracy and latency", drawn, "accuracy")]
                if drawn
                else []
            ),
            *([_claims(found)] if found else []),
        )
    )


def _caption(panels: Iterable[str]) -> str:
    names = dict.fromkeys(panels)
    printed = "The first panel is as printed. " if PAPER in names else ""
    int8 = (
        "In int8 the accuracy is the one published for float32: the weights here are "
        "random, so what int8 costs them is not known. "
        if any("int8" in name for name in names)
        else ""
    )
    return (
        "Top-1 on ImageNet as published, not measured here; the median latency of "
        f"interleaved rounds with its interval of 95 %. {printed}{int8}The line is the "
        "Pareto front: no other network is both faster and as accurate."
    )


def _claims(found: Sequence[ClaimFinding]) -> str:
    sentences = "".join(
        markup.paragraph(claim_sentence(group)) for group in by_claim(found)
    )
    note = markup.paragraph(
        "Printed are latencies at batch one on a Xeon E5-2630, means of 100 runs. A claim "
        "holds where the interval of our ratio begins at or above it, does not hold where "
        "it ends below it, and is undecided where it contains it. It is the number of "
        "the text where the text has one, else the least quotient that the printed "
        "milliseconds, which are rounded, allow.",
        "note",
    )
    table = markup.table(
        _COLUMNS,
        [_cells(each) for each in found],
        "The claims, way by way.",
        "sortable",
    )
    return markup.section(
        "The ReXNet paper's claims", sentences + note + table, "claims"
    )


def _cells(found: ClaimFinding) -> list[Cell]:
    ratio = found.ratio
    return [
        Cell(text=pair(found.claim)),
        Cell(text=found.runtime),
        Cell(text=found.precision),
        _number(found.threads, f"{found.threads}"),
        _number(found.claim.printed, f"{found.claim.printed:.2f}"),
        _number(found.claim.at_least, f"{found.claim.at_least:.2f}"),
        _number(ratio.median, f"{ratio.median:.3f}"),
        Cell(text=f"{ratio.least:.3f} to {ratio.most:.3f}"),
        Cell(text=found.verdict),
    ]


def _number(value: float, text: str) -> Cell:
    return Cell(text=text, value=value, is_number=True)
