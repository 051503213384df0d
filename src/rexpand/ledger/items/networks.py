"""All networks of the catalogue: what their sources print, beside what is counted."""

from collections.abc import Iterator
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, counted, not_run
from rexpand.spec import CATALOGUE, network
from rexpand.spec.families.entry import Entry

_ON_IMAGENET = "accuracies of trainings on ImageNet"


def _read(root: Path) -> Reading:
    return Reading(
        rows=tuple(row for name, each in CATALOGUE.items() for row in _rows(name, each))
    )


def _rows(name: str, entry: Entry) -> Iterator[Row]:
    published = entry.published
    cost = cost_of(network(name))
    note = "; ".join(filter(None, (published.source, entry.fidelity)))
    for figure in ("params", "macs"):
        if printed := getattr(published, figure):
            exact = getattr(cost, figure)
            yield counted(f"{name}: {figure}", printed, exact, figure, note)
    if published.top1 is not None:
        yield not_run(f"{name}: top1", f"{published.top1}", "%", _ON_IMAGENET)


ITEMS = (
    counted_item(
        "compact-networks",
        "every network of the catalogue, as its source prints it",
        "the papers and releases that `rexpand list` names",
        "params and macs are counted; accuracies, from trainings on ImageNet, are not run",
        _read,
    ),
)
