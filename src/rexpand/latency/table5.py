"""Table 5 of the ReXNet paper (arXiv 2007.00992): its latencies, and what it claims.

The paper gives means of 100 runs at batch one on an Intel Xeon E5-2630. Accuracies of
EfficientNet are those that the table prints, of the third version of its paper.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from rexpand.latency.intervals import median_spread
from rexpand.records import LatencyComparison, LatencyRow, LatencyStudy, MedianSpread

ClaimVerdict = Literal["holds", "does not hold", "undecided"]

_ROUNDING = 0.5  # milliseconds: the paper prints whole ones
_FEWEST = 6  # rounds: the interval of fewer holds the median with less than 95 %

_TABLE_5 = "arXiv 2007.00992, Table 5"
_APPENDIX = "arXiv 2007.00992, Appendix B.3"
_README = "clovaai/rexnet README"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """Top-1 accuracy in percent and milliseconds on the paper's CPU, as printed.

    `label` is the network's short name in a figure.
    """

    network: str
    label: str
    top1: float
    cpu_ms: float
    source: str


def _printed(
    network: str, label: str, top1: float, cpu_ms: float, source: str = _TABLE_5
) -> Printed:
    return Printed(
        network=network, label=label, top1=top1, cpu_ms=cpu_ms, source=source
    )


PRINTED = MappingProxyType(
    {
        each.network: each
        for each in (
            _printed("rexnet_090", "x0.9", 77.2, 45),
            _printed("rexnet_100", "x1.0", 77.9, 47),
            _printed("rexnet_130", "x1.3", 79.5, 55),
            _printed("rexnet_150", "x1.5", 80.3, 59),
            _printed("rexnet_200", "x2.0", 81.6, 69),
            _printed("rexnet_300", "x3.0", 82.8, 96, _APPENDIX),
            _printed("efficientnet_b0", "B0", 77.3, 47),
            _printed("efficientnet_b1", "B1", 79.2, 70),
            _printed("efficientnet_b2", "B2", 80.3, 77),
            _printed("efficientnet_b3", "B3", 81.7, 100),
            _printed("rexnet_lite_100", "x1.0", 76.2, 31, _README),
            _printed("rexnet_lite_130", "x1.3", 77.8, 36, _README),
            _printed("rexnet_lite_150", "x1.5", 78.6, 39, _README),
            _printed("rexnet_lite_200", "x2.0", 80.2, 49, _README),
            _printed("efficientnet_lite0", "lite0", 75.1, 30, _README),
            _printed("efficientnet_lite1", "lite1", 76.7, 44, _README),
            _printed("efficientnet_lite2", "lite2", 77.6, 48, _README),
            _printed("efficientnet_lite3", "lite3", 79.8, 60, _README),
        )
    }
)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """That one network takes so many times the latency of another.

    `said` is the number of the paper's text; else the claim is the quotient of the
    printed milliseconds.
    """

    slower: str
    faster: str
    said: float | None = None

    @property
    def printed(self) -> float:
        """The quotient of the printed milliseconds."""
        return PRINTED[self.slower].cpu_ms / PRINTED[self.faster].cpu_ms

    @property
    def at_least(self) -> float:
        """The least ratio that fulfils it: what is said, or what rounding allows."""
        if self.said is not None:
            return self.said
        slower, faster = PRINTED[self.slower].cpu_ms, PRINTED[self.faster].cpu_ms
        return (slower - _ROUNDING) / (faster + _ROUNDING)


# Networks of like accuracy, and the one pair that the text compares for its latency.
CLAIMS = (
    Claim(slower="efficientnet_b3", faster="rexnet_200", said=1.4),
    Claim(slower="efficientnet_b2", faster="rexnet_150"),
    Claim(slower="efficientnet_b1", faster="rexnet_130"),
    Claim(slower="efficientnet_b0", faster="rexnet_100"),
    Claim(slower="efficientnet_b1", faster="rexnet_200"),
    Claim(slower="efficientnet_lite3", faster="rexnet_lite_200"),
    Claim(slower="efficientnet_lite2", faster="rexnet_lite_130"),
)


@dataclass(frozen=True, kw_only=True)
class ClaimFinding:
    """What one way to run says of a claim; `ratio` is the median of rounds' ratios."""

    claim: Claim
    runtime: str
    precision: str
    threads: int
    ratio: MedianSpread
    verdict: ClaimVerdict


def claim_findings(studies: Sequence[LatencyStudy]) -> tuple[ClaimFinding, ...]:
    """Every claim in every way to run in which both networks took turns, at batch one."""
    return tuple(
        found
        for study in studies
        for comparison in study.comparisons
        if comparison.batch_size == 1
        for found in _compared(comparison)
    )


def network_of(row: LatencyRow) -> str:
    """The catalogue's name of a row's network, if it has one: that of a file too."""
    name = row.network.partition("@")[0]
    return Path(name).name.partition(".")[0]


def _compared(comparison: LatencyComparison) -> Iterator[ClaimFinding]:
    rows: dict[tuple[str, str], dict[str, LatencyRow]] = {}
    for row in comparison.rows:
        rows.setdefault((row.runtime, row.precision), {})[network_of(row)] = row
    for (runtime, precision), own in rows.items():
        for claim in CLAIMS:
            if claim.slower not in own or claim.faster not in own:
                continue
            readings = own[claim.slower].readings_ms, own[claim.faster].readings_ms
            pairs = zip(*readings, strict=True)
            ratio = median_spread([slow / fast for slow, fast in pairs])
            yield ClaimFinding(
                claim=claim,
                runtime=runtime,
                precision=precision,
                threads=comparison.threads,
                ratio=ratio,
                verdict=_verdict(claim, ratio),
            )


def _verdict(claim: Claim, ratio: MedianSpread) -> ClaimVerdict:
    if ratio.count < _FEWEST:
        return "undecided"
    if ratio.least >= claim.at_least:
        return "holds"
    return "does not hold" if ratio.most < claim.at_least else "undecided"
