"""What latencies say of the ReXNet paper's claims, in sentences and in tables of text."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from types import MappingProxyType

from rexpand.latency.table5 import (
    PRINTED,
    Claim,
    ClaimFinding,
    ClaimVerdict,
    network_of,
)
from rexpand.records import LatencyRow, LatencyStudy
from rexpand.report import formats
from rexpand.report.latency_accuracy import accuracy_points, published_top1
from rexpand.report.latency_rows import Setting

# As verbs, of one way to run and of several.
_VERBS: Mapping[ClaimVerdict, tuple[str, str]] = MappingProxyType(
    {
        "holds": ("holds", "hold"),
        "does not hold": ("does not hold", "do not hold"),
        "undecided": ("is undecided", "are undecided"),
    }
)

Table = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]


def pair(claim: Claim) -> str:
    """The networks of a claim by their names: EfficientNet-B3 over ReXNet x2.0."""
    return f"{claim.slower} over {claim.faster}"


def claim_sentence(found: Sequence[ClaimFinding]) -> str:
    """What all ways to run say of one claim."""
    claim = found[0].claim
    said = f", in words {claim.said:g}" if claim.said else ""
    ratios = [each.ratio.median for each in found]
    counts = ", ".join(
        f"{number} {verbs[number > 1]}"
        for verdict, verbs in _VERBS.items()
        if (number := sum(each.verdict == verdict for each in found))
    )
    ways = formats.plural(len(found), "way")
    return (
        f"{pair(claim)}: the paper prints {claim.printed:.2f}{said}; here it is "
        f"{min(ratios):.2f} to {max(ratios):.2f} in {ways} to run, of which {counts}."
    )


def by_claim(found: Iterable[ClaimFinding]) -> tuple[tuple[ClaimFinding, ...], ...]:
    """The findings of each claim, in the order of the claims."""
    groups: dict[Claim, list[ClaimFinding]] = {}
    for each in found:
        groups.setdefault(each.claim, []).append(each)
    return tuple(tuple(each) for each in groups.values())


def claim_table(found: Sequence[ClaimFinding], threads: int) -> Table:
    """Ratios with their intervals and verdicts: a row per claim, a column per way."""
    own = [each for each in found if each.threads == threads]
    ways = list(dict.fromkeys((each.runtime, each.precision) for each in own))
    rows = []
    for group in by_claim(own):
        cells = {(each.runtime, each.precision): _claim_cell(each) for each in group}
        claim = group[0].claim
        printed = f"{claim.printed:.2f} (at least {claim.at_least:.2f})"
        rows.append((pair(claim), printed, *(cells.get(way, "") for way in ways)))
    return ("claim", "printed", *map(" ".join, ways)), tuple(rows)


def latency_table(studies: Sequence[LatencyStudy], threads: int) -> Table:
    """Medians in milliseconds of one image: a row per network, a column per way."""
    measured: dict[str, dict[tuple[str, str], LatencyRow]] = {}
    for study in studies:
        for comparison in study.comparisons:
            if (comparison.threads, comparison.batch_size) != (threads, 1):
                continue
            for row in comparison.rows:
                own = measured.setdefault(network_of(row), {})
                own[row.runtime, row.precision] = row
    ways = list(dict.fromkeys(way for own in measured.values() for way in own))
    rows = [
        (
            name,
            _pixels(own.values()),
            _top1(name),
            f"{PRINTED[name].cpu_ms:g}" if name in PRINTED else "",
            *(_median(own.get(way)) for way in ways),
        )
        for name, own in measured.items()
    ]
    return ("network", "px", "top-1", "paper", *map(" ".join, ways)), tuple(rows)


def front_table(setting: Setting) -> Table:
    """The networks on each panel's Pareto front, the fastest first."""
    fronts: dict[str, list[str]] = {}
    for each in accuracy_points(setting):
        if each.is_on_front:
            fronts.setdefault(each.panel, []).append(each.network)
    rows = tuple((panel, ", ".join(own)) for panel, own in fronts.items())
    return ("where", "on the front"), rows


def steadiness_table(studies: Sequence[LatencyStudy]) -> Table:
    """For each comparison the rounds, how wide intervals are, and what disturbed it."""
    rows = []
    for each in (comparison for study in studies for comparison in study.comparisons):
        medians = [row.latency_ms for row in each.rows]
        widths = [(one.most - one.least) / one.median for one in medians]
        ways = dict.fromkeys(f"{row.runtime} {row.precision}" for row in each.rows)
        rows.append(
            (
                ", ".join(ways),
                f"{each.threads}",
                f"{min(one.count for one in medians)}",
                f"{100 * median(widths):.1f} %, at most {100 * max(widths):.1f} %",
                "; ".join(each.steadiness.problems) or "steady",
            )
        )
    header = ("way", "threads", "rounds", "width of the intervals", "the machine")
    return header, tuple(rows)


def _claim_cell(found: ClaimFinding) -> str:
    ratio = found.ratio
    return f"{ratio.median:.2f} ({ratio.least:.2f} to {ratio.most:.2f}) {found.verdict}"


def _pixels(rows: Iterable[LatencyRow]) -> str:
    return " ".join(dict.fromkeys(f"{row.height}" for row in rows))


def _top1(name: str) -> str:
    top1 = published_top1(name)
    return "" if top1 is None else formats.percent(top1)


def _median(row: LatencyRow | None) -> str:
    return "" if row is None else f"{row.latency_ms.median:.2f}"
