"""Table 3, Figures 2 and 4: the searches of channel configurations, as printed."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.ledger.figure import value_of
from rexpand.ledger.item import Item, Needs, Protocol, Read, counted_item
from rexpand.ledger.items.studies import Search, searching
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


def _table3_searches() -> tuple[Search, ...]:
    """Within the params and macs that the table gives to its searches."""
    return tuple(
        Search(
            name=f"({letter})",
            network=groups[0].network,
            data="cifar100",
            budget=("--params", groups[0].params, "--macs", macs),
            printed=tuple((row.group, row.top1, row.top1_std) for row in groups),
        )
        for letter, macs in (("a", "30M"), ("b", "100M"), ("c", "200M"), ("d", "351M"))
        if (groups := [row for row in searches() if row.search == letter and row.macs])
    )


def _figure4_searches() -> tuple[Search, ...]:
    """Within macs alone."""
    return tuple(
        Search(
            name=f"{row.network} {row.macs}",
            network=row.network,
            data="cifar100",
            budget=("--macs", row.macs),
            printed=(("top", row.top1, row.top1_std),),
        )
        for row in fixed_depth()
    )


def _cifar10(name: str, how: tuple[str, ...]) -> tuple[Search, ...]:
    return (
        Search(
            name=f"CIFAR-10 {name}",
            network="search_18",
            data="cifar10",
            budget=("--params", "0.2M", "--macs", "30M"),
            how=how,
        ),
    )


_HOW = ("--trials", "100", "--seeds", "3", "--recipe", "search")
_FEW = (
    *("--trials", "100", "--seeds", "2", "--recipe", "search", "--epochs", "2"),
    *("--resolution", "12", "--train-subset", "10000", "--set", "validation=5000"),
)
_SAYS = (
    "100 networks, three seeds, 30 epochs; sampled at random, for the paper names no "
    "algorithm, and by our recipe, for the paper prints none; hours are a forecast"
)


def _item(
    name: str, title: str, source: str, paper: Protocol, says: str, read: Read
) -> Item:
    """An item of searches, and what of it can be counted."""
    counts = Protocol(name="counts", says=says, read=read)
    return Item(
        name=name,
        title=title,
        source=f"arXiv 2007.00992, {source}",
        protocols=(paper, counts),
    )


def _paper(runs: tuple[Search, ...], hours: float) -> Protocol:
    needs = Needs(hours=hours, data=(runs[0].data,), gpu=True)
    return searching("paper", _SAYS, runs, needs)


ITEMS = (
    _item(
        "table-3",
        "searched channel configurations",
        "Table 3",
        _paper(_table3_searches(), 7700),
        "costs of the printed configurations are counted; accuracies are not run, and "
        "the claim at a smaller scale is the item search-shapes",
        _table3,
    ),
    counted_item(
        "figure-2",
        "mean channels of the best, middle and worst tenth",
        "arXiv 2007.00992, Figure 2",
        "the printed curves are examined; the searches are those of table-3, and at a "
        "smaller scale of search-shapes",
        _figure2,
    ),
    _item(
        "figure-4",
        "searches at fixed depth",
        "Figure 4 and Section 6",
        _paper(_figure4_searches(), 8900),
        "accuracies are not run; the claim at a smaller scale is the item search-shapes",
        _figure4,
    ),
    Item(
        name="figure-a1",
        title="the search on CIFAR-10",
        source="arXiv 2007.00992, Figure A1",
        protocols=(
            _paper(_cifar10("paper", _HOW), 520),
            searching(
                "small",
                "100 networks on 12 pixels, 10,000 images, two epochs, two seeds, where "
                "the paper has 32 pixels, all images, 30 epochs and three",
                _cifar10("small", _FEW),
                Needs(hours=2, data=("cifar10",)),
            ),
        ),
    ),
)
