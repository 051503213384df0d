"""Table 3, Figures 2 and 4: the searches of channel configurations, as printed."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.ledger.figure import value_of
from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, agreed, counted, judged, not_run
from rexpand.ledger.tables import PrintedSearch, fixed_depth, group_means, searches
from rexpand.spec import network

_NOT_TRAINED = "accuracies of 100 networks or more, 30 epochs, three seeds each"
_PANELS = {"a": "2a", "b": "2b", "c": "2c", "d": "2d"}


def _table3(root: Path) -> Reading:
    rows = searches()
    return Reading(
        rows=(
            *(row for printed in rows for row in _costs(printed)),
            *(row for printed in rows for row in _accuracies(printed)),
        )
    )


def _costs(printed: PrintedSearch) -> Iterator[Row]:
    """The printed best and worst configuration, in the frame that we reconstructed."""
    if not printed.channels:
        return
    cost = cost_of(network(printed.network).with_channels(printed.channels))
    name = f"search ({printed.search}), {printed.group}"
    note = "without a classifier, in a reconstructed frame (docs/fidelity.md)"
    yield counted(f"{name}: params", printed.params, cost.params, "params", note)
    groups = [row for row in searches() if row.search == printed.search and row.macs]
    nearest = min(groups, key=lambda row: abs(float(value_of(row.macs)) - cost.macs))
    reach = abs(float(value_of(nearest.macs)) - cost.macs)
    fits = reach <= float(value_of(nearest.macs_std))
    yield judged(
        f"{name}: macs",
        f"{nearest.macs} ± {nearest.macs_std}, of its groups",
        "holds" if fits else "does not hold",
        note,
        ours=cost.macs,
        unit="macs",
    )


def _accuracies(printed: PrintedSearch) -> Iterator[Row]:
    spread = f" ± {printed.top1_std}" if printed.top1_std else ""
    yield not_run(
        f"search ({printed.search}), {printed.group}: top1",
        f"{printed.top1}{spread}",
        "%",
        _NOT_TRAINED,
    )


def _figure2(root: Path) -> Reading:
    """What the printed curves themselves say: the best tenth rises block by block."""
    return Reading(rows=tuple(_shapes()))


def _shapes() -> Iterator[Row]:
    for search, panel in _PANELS.items():
        for group, means in group_means(panel).items():
            steps = [after / before for before, after in pairwise(means)]
            if group.startswith("top"):
                yield agreed(
                    f"search ({search}): the top tenth rises from block to block",
                    "read off",
                    min(steps) >= 1,
                    f"steps of {min(steps):.2f} to {max(steps):.2f}; "
                    "of the printed curve, not of ours",
                )


def _figure4(root: Path) -> Reading:
    return Reading(
        rows=tuple(
            not_run(
                f"{row.network} within {row.macs} macs: top tenth",
                f"{row.top1} ± {row.top1_std}",
                "%",
                _NOT_TRAINED,
            )
            for row in fixed_depth()
        )
    )


ITEMS = (
    counted_item(
        "table-3",
        "searched channel configurations",
        "arXiv 2007.00992, Table 3",
        "costs of the printed configurations are counted; accuracies are not run",
        _table3,
    ),
    counted_item(
        "figure-2",
        "mean channels of the best, middle and worst tenth",
        "arXiv 2007.00992, Figure 2",
        "the printed curves are examined; the searches are not run",
        _figure2,
    ),
    counted_item(
        "figure-4",
        "searches at fixed depth",
        "arXiv 2007.00992, Figure 4 and Section 6",
        "accuracies are not run",
        _figure4,
    ),
)
