"""The paper's searches as protocols: Table 3, Figure 4, and Figure A1 on CIFAR-10.

Hours are forecasts: the processor time of a training step that was timed on the machine
of the ledger, times the steps of all trainings, on two cores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rexpand.ledger.item import Needs, Protocol, Step
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import LedgerVerdict, Row, agreed, judged
from rexpand.records import GroupSummary, StudySummary, merged

_PAPER = ("--trials", "100", "--seeds", "3", "--recipe", "search")


@dataclass(frozen=True, kw_only=True)
class Search:
    """A study of a data set within a budget; `printed` has its groups' accuracies.

    They are texts like 63.1 ± 0.1, by the name of the group.
    """

    name: str
    network: str
    data: str
    budget: tuple[str, ...]
    how: tuple[str, ...] = _PAPER
    printed: tuple[tuple[str, str, str], ...] = ()

    @property
    def folder(self) -> str:
        return f"searches/{self.name.replace(' ', '-')}"

    @property
    def step(self) -> Step:
        return Step(
            folder=self.folder,
            arguments=(
                *("search", "run", "--network", self.network, "--data", self.data),
                *(*self.budget, *self.how),
            ),
            result="report.html",  # written when all trials are over
        )


def searching(
    name: str, says: str, searches: tuple[Search, ...], needs: Needs
) -> Protocol:
    """A protocol that runs these searches, one after the other."""

    def read(root: Path) -> Reading:
        from rexpand.search.summary import summarise

        found = [(each, summarise(root / each.folder)) for each in searches]
        return Reading(
            rows=tuple(row for search, study in found for row in _rows(search, study)),
            provenances=merged(
                provenance for _, study in found for provenance in study.provenances
            ),
        )

    return Protocol(
        name=name,
        says=says,
        needs=needs,
        steps=tuple(each.step for each in searches),
        read=read,
    )


def _rows(search: Search, study: StudySummary) -> Iterator[Row]:
    groups = {group.name: group for group in study.groups}
    for name, mean, std in search.printed:
        for group in study.groups:
            if group.name == name:
                yield _accuracy(search, group, mean, std)
    if {"top", "bottom"} <= set(groups):
        yield from _trend(search, groups["top"], groups["bottom"])


def _accuracy(search: Search, group: GroupSummary, mean: str, std: str) -> Row:
    spread = group.accuracy_std or 0.0
    is_near = abs(group.accuracy_mean - float(mean)) <= spread + float(std or 0)
    verdict: LedgerVerdict = "holds" if is_near else "does not hold"
    return judged(
        f"search {search.name}, {group.name}: top1",
        f"{mean} ± {std}" if std else mean,
        verdict,
        f"ours spreads by {spread:.2f}; it holds if the two spreads meet",
        ours=group.accuracy_mean,
        unit="%",
        count=len(group.trials),
    )


def _trend(search: Search, top: GroupSummary, bottom: GroupSummary) -> Iterator[Row]:
    """Figure 2: the best tenth is a rising line, the worst is flat and then jumps."""
    yield agreed(
        f"search {search.name}: the top tenth rises from block to block",
        "a rising line",
        all(b >= a for a, b in pairwise(top.channels_mean)),
        f"slope {top.slope:.1f} channels a block, of {len(top.trials)} trials",
    )
    yield agreed(
        f"search {search.name}: the top tenth is nearer to a line than the bottom tenth",
        "a line, and none",
        top.r_squared > bottom.r_squared,
        f"R² of {top.r_squared:.3f} and {bottom.r_squared:.3f}",
    )
