"""Section 4's claims on our own table of searches: shapes at equal budget, nuclear norm.

The table is results/search/cifar100.parquet, of small networks on small images; how it
was made is on its card.
"""

from collections.abc import Iterator
from pathlib import Path

from rexpand.errors import DataError
from rexpand.ledger.item import Item, Protocol, Read
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import LedgerVerdict, Row, judged, signed
from rexpand.records import Interval, Provenance, SearchTable
from rexpand.search.table import read_table, summary_of, trials_of, verdicts

_TABLE = "search/cifar100.parquet"
_SAYS = (
    "200 configurations of half the paper's width within two budgets, 12 pixels, 10,000 "
    "images, two epochs, where the paper has 32 pixels, all images and 30 epochs"
)


def _shapes(root: Path) -> Reading:
    table = _table(root)
    return Reading(rows=tuple(_compared(table)), provenances=_provenances(table))


def _nuclear_norm(root: Path) -> Reading:
    table = _table(root)
    return Reading(rows=tuple(_correlated(table)), provenances=_provenances(table))


def _table(root: Path) -> SearchTable:
    path = root / _TABLE
    if not path.is_file():
        raise DataError(
            f"{path} is not there; `make search-table` builds it in an hour"
        )
    return read_table(path)


def _provenances(table: SearchTable) -> tuple[Provenance, ...]:
    return tuple(each for study in table.studies for each in study.provenances)


def _compared(table: SearchTable) -> Iterator[Row]:
    for found in verdicts(table):
        trials = sum(sum(gap.trials) for gap in found.studies)
        yield signed(
            f"accuracy of {found.first} less {found.second} channels",
            "linear ones are best",
            Interval(
                mean=found.difference, low=found.low, high=found.high, count=trials
            ),
            "points",
            note=f"p = {found.p_value:.3f}, mean of two budgets; a difference of "
            f"{found.findable:.2f} points would have been found with a power of 80 %",
        )


def _correlated(table: SearchTable) -> Iterator[Row]:
    for study in table.studies:
        found = summary_of(table, study.name).correlations
        count = len(trials_of(table, study=study.name))
        chance = 1.96 / (count - 1) ** 0.5
        norm = found["nuclear_norm"]
        others = max(abs(found["params"]), abs(found["macs"]))
        verdict: LedgerVerdict = "undecided"
        if abs(norm) > chance:
            verdict = "holds" if norm > 0 else "does not hold"
        yield judged(
            f"{study.name}: rank correlation of nuclear norm and accuracy",
            "rising",
            verdict,
            f"Spearman's; by chance at most {chance:.2f} in 19 of 20; the better of params "
            f"and macs has {others:.2f}",
            ours=norm,
            unit="correlation",
            count=count,
        )


def _item(name: str, title: str, source: str, read: Read) -> Item:
    return Item(
        name=name,
        title=title,
        source=f"arXiv 2007.00992, {source}",
        protocols=(Protocol(name="small", says=_SAYS, read=read),),
    )


ITEMS = (
    _item(
        "search-shapes",
        "linear channels against other shapes at equal budget",
        "Section 4 and Table 3",
        _shapes,
    ),
    _item(
        "figure-5-left",
        "accuracy against nuclear norm over the trials of a search",
        "Figure 5, left",
        _nuclear_norm,
    ),
)
