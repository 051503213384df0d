"""The tables of the ReXNet paper as printed, in the files of `printed/`.

The numbers are those of arXiv 2007.00992 and of the paper's appendix; a zero at the end
of a number is kept where it was printed, because it says how far the number was rounded.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, kw_only=True)
class PrintedNetwork:
    """A row of a table of networks. `network` is ours, empty where we have none.

    Figures are texts, empty where the table has none.
    """

    table: str
    label: str
    network: str
    top1: str
    top5: str
    params: str
    macs: str
    cpu_ms: str
    gpu_ms: str


@dataclass(frozen=True, kw_only=True)
class PrintedSearch:
    """A row of Table 3: a group of trials with its means, or one configuration."""

    search: str
    network: str
    group: str
    top1: str
    top1_std: str
    params: str
    macs: str
    macs_std: str
    configuration: str

    @property
    def channels(self) -> tuple[int, ...]:
        """Those of a configuration; none of a group."""
        widths = self.configuration
        return tuple(map(int, widths.split("-"))) if widths else ()


@dataclass(frozen=True, kw_only=True)
class PrintedAccuracy:
    """A curve of Figure 4: the accuracy of the top tenth within a budget of macs."""

    network: str
    macs: str
    top1: str
    top1_std: str


@dataclass(frozen=True, kw_only=True)
class PrintedPrecision:
    """A row of Table 6, 7 or 9: average precisions of boxes, and of masks if any."""

    table: str
    label: str
    backbone: str
    box_ap: str
    box_ap50: str
    box_ap75: str
    mask_ap: str
    mask_ap50: str
    mask_ap75: str


@dataclass(frozen=True, kw_only=True)
class PrintedStages:
    """A row of Table 1: the stem, and the output channels of every block."""

    network: str
    stem: int
    channels: tuple[int, ...]


def networks(table: str) -> tuple[PrintedNetwork, ...]:
    """The rows of a table of networks."""
    rows = (PrintedNetwork(**row) for row in _rows("networks"))
    return tuple(row for row in rows if row.table == table)


def searches() -> tuple[PrintedSearch, ...]:
    """Table 3, row by row."""
    return tuple(PrintedSearch(**row) for row in _rows("searches"))


def fixed_depth() -> tuple[PrintedAccuracy, ...]:
    """The legends of Figure 4."""
    return tuple(PrintedAccuracy(**row) for row in _rows("fixed_depth"))


def precisions(table: str) -> tuple[PrintedPrecision, ...]:
    """The rows of a table of detectors."""
    rows = (PrintedPrecision(**row) for row in _rows("detection"))
    return tuple(row for row in rows if row.table == table)


def stages() -> tuple[PrintedStages, ...]:
    """The channels of Table 1."""
    return tuple(
        PrintedStages(
            network=row["network"],
            stem=int(row["stem"]),
            channels=_repeated(row["stages"]),
        )
        for row in _rows("channels")
    )


def group_means(figure: str) -> Mapping[str, tuple[float, ...]]:
    """Mean channels by block of each group that was read off a panel, e.g. `2a`."""
    found: dict[str, list[float]] = {}
    for row in _rows("groups"):
        if row["figure"] == figure:
            found.setdefault(row["group"], []).append(float(row["channels"]))
    return {group: tuple(means) for group, means in found.items()}


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    file = resources.files("rexpand.ledger").joinpath("printed", f"{name}.csv")
    return tuple(csv.DictReader(file.read_text("utf-8").splitlines()))


def _repeated(text: str) -> tuple[int, ...]:
    """16x1-24x2 as 16, 24, 24."""
    pairs = (stage.split("x") for stage in text.split("-"))
    return tuple(int(width) for width, repeats in pairs for _ in range(int(repeats)))
