"""Table 2: the factor analysis of two inverted bottlenecks on CIFAR-100."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from rexpand.ledger.item import Item, Needs, Protocol, Read, Step
from rexpand.ledger.items.telling import told
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, not_run, signed
from rexpand.records import FactorRow, FactorSummary, read_record


def _reader(folder: str) -> Read:
    def read(root: Path) -> Reading:
        summary = read_record(FactorSummary, root / folder / "summary.json")
        return Reading(
            rows=tuple(_gains(summary.rows)), provenances=summary.provenances
        )

    return read


def _gains(rows: tuple[FactorRow, ...]) -> Iterator[Row]:
    """What each step gains over the row above it, beside the printed gain."""
    seeds = min(len(row.accuracies) for row in rows)
    telling = told([row.accuracies[:seeds] for row in rows])
    for above, row in pairwise(rows):
        for figure, unit in (("accuracy", "points"), ("nuclear_norm", "nuclear norm")):
            printed = _published(row, figure) - _published(above, figure)
            gain = getattr(row, f"{figure}_gain")
            name = f"{row.name}: gain in {figure.replace('_', ' ')}"
            if gain is None:
                yield not_run(name, f"{printed:+.1f}", unit, "no seed is finished")
            else:
                note = telling if figure == "accuracy" else ""
                yield signed(name, f"{printed:+.1f}", gain, unit, note=note)


def _published(row: FactorRow, figure: str) -> float:
    return float(getattr(row, f"published_{figure}"))


def _protocol(
    name: str, says: str, folder: str, setting: str, needs: Needs
) -> Protocol:
    return Protocol(
        name=name,
        says=says,
        read=_reader(folder),
        needs=needs,
        steps=(
            Step(
                folder=folder,
                arguments=("rank", "factors", "--setting", setting, "--jobs", "2"),
                result="summary.json",
            ),
        ),
    )


ITEMS = (
    Item(
        name="table-2",
        title="factor analysis: dim_ratio and nonlinearity",
        source="arXiv 2007.00992, Table 2",
        protocols=(
            _protocol(
                "paper",
                "100M macs, CIFAR-100, three seeds; the schedule is ours, for the "
                "paper's is not published; hours are what `rank factors --setting paper "
                "--plan` predicts, not what was measured",
                "rank/factors_paper",
                "paper",
                Needs(hours=93, data=("cifar100",), gpu=True),
            ),
            _protocol(
                "small",
                "10M macs, 10,000 images, 10 epochs, where the paper has 100M macs and "
                "all images",
                "rank/factors",
                "small",
                Needs(hours=0.6, data=("cifar100",)),
            ),
        ),
    ),
)
