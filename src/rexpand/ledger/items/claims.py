"""What the ReXNet paper says in words, each beside the rows that decide it.

A claim that something was run for is an index into the ledger: it has the verdict of the
rows of another item. A claim about printed numbers is worked out from them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rexpand.ledger.folder import read_ledger
from rexpand.ledger.item import counted_item
from rexpand.ledger.items.printed_claims import worked_out
from rexpand.ledger.reading import ItemRecord, Reading
from rexpand.ledger.row import LedgerVerdict, Row, judged, not_run
from rexpand.records import merged


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence of the paper; `rows` is a pattern of the names of `item`'s rows."""

    place: str
    says: str
    item: str
    rows: str

    @property
    def name(self) -> str:
        return f"{self.place}: {self.says}"


def _claim(place: str, says: str, item: str, rows: str) -> Claim:
    return Claim(place=place, says=says, item=item, rows=rows)


_RANDOM = "claim: "
_CLAIMS = (
    _claim(
        "Section 3.2",
        "drastic channel expansion harms the rank",
        "figure-1",
        f"{_RANDOM}drastic expansion",
    ),
    _claim(
        "Section 3.2",
        "more so in inverted bottlenecks",
        "figure-1",
        f"{_RANDOM}expansion harms bottlenecks",
    ),
    _claim(
        "Section 3.2",
        "more so in those with a depthwise convolution",
        "figure-1",
        f"{_RANDOM}expansion harms depthwise",
    ),
    _claim(
        "Section 3.2",
        "nonlinearities expand the rank",
        "figure-1",
        f"{_RANDOM}nonlinearities expand the rank",
    ),
    _claim(
        "Section 3.2",
        "they do so most at small dim_ratios",
        "figure-1",
        f"{_RANDOM}they expand it most",
    ),
    _claim(
        "Section 3.2",
        "ELU and SiLU do so most",
        "figure-1",
        f"{_RANDOM}ELU and SiLU.*of all",
    ),
    _claim(
        "Section 3.2",
        "they matter more for convolutions than for bottlenecks",
        "figure-1",
        f"{_RANDOM}they expand convolutions",
    ),
    _claim(
        "Table 2",
        "expand by 6 or less at the first 1x1: more accurate",
        "table-2",
        "first 1x1: gain in accuracy",
    ),
    _claim(
        "Table 2",
        "a higher dim_ratio of the bottleneck: more accurate",
        "table-2",
        "bottleneck: gain in accuracy",
    ),
    _claim(
        "Table 2",
        "SiLU after the first 1x1: more accurate",
        "table-2",
        "activation: gain in accuracy",
    ),
    _claim(
        "Table 2",
        "each of the three raises the nuclear norm",
        "table-2",
        ".*nuclear norm",
    ),
    _claim(
        "Table A2",
        "SiLU after the first 1x1 is more accurate than ReLU6",
        "nonlinearity",
        "silu over relu6",
    ),
    _claim(
        "Section 4",
        "channels on a line are the most accurate at equal cost",
        "search-shapes",
        "accuracy of linear",
    ),
    _claim(
        "Figure 2",
        "the best channels rise from block to block",
        "figure-2",
        ".*the top tenth",
    ),
    _claim(
        "Figure 5",
        "accuracy rises with the nuclear norm",
        "figure-5-left",
        ".*nuclear norm and accuracy",
    ),
    _claim(
        "Section 5",
        "x2.0 is 1.4 times as fast as EfficientNet-B3 on a CPU",
        "figure-3",
        "latency of efficientnet_b3 over rexnet_200",
    ),
    _claim(
        "Section 5",
        "x2.0 is as fast as EfficientNet-B1 on a CPU",
        "figure-3",
        "latency of efficientnet_b1 over rexnet_200",
    ),
)


def _read(root: Path) -> Reading:
    records = {each.item: each for each in read_ledger(root / "ledger").records}
    used = [
        records[name] for name in sorted({each.item for each in _CLAIMS} & set(records))
    ]
    return Reading(
        rows=(
            *(_decided(claim, records.get(claim.item)) for claim in _CLAIMS),
            *_unmeasured(),
            *worked_out(),
        ),
        provenances=merged(
            provenance for record in used for provenance in record.provenances
        ),
    )


def _decided(claim: Claim, record: ItemRecord | None) -> Row:
    if record is None:
        why = f"`rexpand reproduce {claim.item}` was not run here"
        return not_run(claim.name, "said", "", why)
    rows = [row for row in record.rows if re.match(claim.rows, row.name)]
    evidence = f"{claim.item}, protocol {record.protocol}"
    if len(rows) == 1:
        (row,) = rows
        return judged(
            claim.name,
            row.printed,
            row.verdict,
            f"{evidence}; {row.note}" if row.note else evidence,
            ours=row.ours,
            unit=row.unit,
            count=row.count,
            low=row.low,
            high=row.high,
        )
    tally = Counter(row.verdict for row in rows)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in tally.items())
    return judged(claim.name, "said", _of_all(rows), f"{evidence}: rows {counts}")


def _of_all(rows: Sequence[Row]) -> LedgerVerdict:
    """What is said of all is false if it is of one, and open if it is of one."""
    found = {row.verdict for row in rows}
    order: tuple[LedgerVerdict, ...] = (
        "does not hold",
        "undecided",
        "not run",
        "holds",
    )
    return next(each for each in order if each in found)


def _unmeasured() -> Iterator[Row]:
    """Claims that need what is not here."""
    yield not_run(
        "Section 5: x2.0 is 2.0 times as fast as EfficientNet-B3 on a GPU",
        "2.0",
        "ratio",
        "latencies on a V100",
    )
    yield not_run(
        "Figure 5: ReXNet's features have larger singular values than MobileNetV2's",
        "said",
        "",
        "weights of a ReXNet that was trained on ImageNet",
    )


ITEMS = (
    counted_item(
        "claims",
        "what the paper says in words",
        "arXiv 2007.00992, Sections 3 to 6",
        "each sentence has the verdict of the rows of its item, at the scale of that "
        "item; what is said of printed numbers is worked out from them",
        _read,
    ),
)
