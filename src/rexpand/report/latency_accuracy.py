"""Published accuracy against measured latency: what figures and tables show of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from rexpand.latency.table5 import PRINTED, network_of
from rexpand.report.latency_rows import Setting, ShownRow
from rexpand.spec import entry_of
from rexpand.spec import network as spec_of

PAPER = "the paper, Xeon E5-2630"
_FEWEST = 3  # networks of a figure
_FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "rexnet": "ReXNet",
        "efficientnet": "EfficientNet",
        "rexnet_lite": "ReXNet-lite",
        "efficientnet_lite": "EfficientNet-lite",
    }
)


@dataclass(frozen=True, kw_only=True)
class AccuracyPoint:
    """A network with its published top-1 in percent and its milliseconds.

    `row` names its row on the page, and is empty for what the paper printed. On the
    front no other network of the panel is both faster and at least as accurate.
    """

    row: str
    panel: str
    network: str
    top1: float
    ms: float
    least: float
    most: float
    is_on_front: bool = False

    @property
    def label(self) -> str:
        """The network's short name."""
        if self.network in PRINTED:
            return PRINTED[self.network].label
        last = self.network.rpartition("_")[2]
        return last.upper() if len(last) == 2 else last  # B4, lite4

    @property
    def family(self) -> str:
        """The family's name as papers write it."""
        found = spec_of(self.network).family
        return _FAMILIES.get(found, found)


def accuracy_points(setting: Setting) -> tuple[AccuracyPoint, ...]:
    """Everything of a setting that has a published accuracy, with the front of each panel.

    A panel is a runtime in a precision; the paper's own comes first, where it printed
    some of the networks and images come one at a time. Empty for fewer than three
    networks.
    """
    measured = [*_measured(setting.rows)]
    names = dict.fromkeys(each.network for each in measured)
    if len(names) < _FEWEST:
        return ()
    printed = _printed(names) if setting.batch_size == 1 else ()
    panels: dict[str, list[AccuracyPoint]] = {}
    for each in (*printed, *measured):
        panels.setdefault(each.panel, []).append(each)
    return tuple(point for panel in panels.values() for point in _with_front(panel))


def families_of(points: Iterable[AccuracyPoint]) -> tuple[str, ...]:
    """The families of some points, the paper's first."""
    found = {each.family for each in points}
    known = [family for family in _FAMILIES.values() if family in found]
    return (*known, *sorted(found.difference(known)))


def published_top1(network: str) -> float | None:
    """What the paper prints beside its latency; else what the network's source prints."""
    if network in PRINTED:
        return PRINTED[network].top1
    entry = entry_of(network)
    return entry.published.top1 if entry else None


def _measured(rows: Iterable[ShownRow]) -> Iterator[AccuracyPoint]:
    for each in rows:
        name, row = network_of(each.measured), each.measured
        top1 = published_top1(name)
        if top1 is None:
            continue
        hint = " (top-1 of fp32)" if row.precision == "int8" else ""
        yield AccuracyPoint(
            row=each.row,
            panel=f"{each.series}{hint}",
            network=name,
            top1=top1,
            ms=row.latency_ms.median,
            least=row.latency_ms.least,
            most=row.latency_ms.most,
        )


def _printed(names: Iterable[str]) -> Iterator[AccuracyPoint]:
    for printed in (PRINTED[name] for name in names if name in PRINTED):
        yield AccuracyPoint(
            row="",
            panel=PAPER,
            network=printed.network,
            top1=printed.top1,
            ms=printed.cpu_ms,
            least=printed.cpu_ms,
            most=printed.cpu_ms,
        )


def _with_front(points: Sequence[AccuracyPoint]) -> Iterator[AccuracyPoint]:
    """The points of one panel, the fastest first."""
    best = float("-inf")
    for each in sorted(points, key=lambda point: (point.ms, -point.top1)):
        yield replace(each, is_on_front=each.top1 > best)
        best = max(best, each.top1)
