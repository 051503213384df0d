"""Tables 1, 4, 5, 8, A1 and A2: what the networks cost, and their printed accuracies.

Costs are exact, of the network that our catalogue has under the name. Accuracies on
ImageNet were not measured here: nobody has trained these networks on this machine.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rexpand.cost import cost_of
from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, agreed, counted, not_run
from rexpand.ledger.tables import PrintedNetwork, networks, stages
from rexpand.spec import CATALOGUE, NetworkSpec, Source
from rexpand.spec.catalogue import ALIASES

_NO_NETWORK = "the catalogue has no network of this name"
_ON_IMAGENET = "accuracies of trainings on ImageNet"
_FINE_GRAINED = "accuracies of fine-tuning from weights of ImageNet"


def cost_rows(table: str, why: str = _ON_IMAGENET) -> Iterator[Row]:
    """Params and macs of every row of a table, and its accuracies as not run."""
    for printed in networks(table):
        spec = _spec(printed)
        for figure in ("params", "macs"):
            text = getattr(printed, figure)
            name = f"{printed.label}: {figure}"
            if text and spec is None:
                yield not_run(name, text, figure, _NO_NETWORK)
            elif text and spec is not None:
                exact = getattr(cost_of(spec), figure)
                yield counted(name, text, exact, figure, _why(spec))
        for figure in ("top1", "top5"):
            if text := getattr(printed, figure):
                yield not_run(f"{printed.label}: {figure}", text, "%", why)


def _spec(printed: PrintedNetwork) -> NetworkSpec | None:
    return Source.parse(printed.network).spec if printed.network else None


def _why(spec: NetworkSpec) -> str:
    """The fidelity note of the catalogue, for whoever finds the row off."""
    entry = CATALOGUE.get(ALIASES.get(spec.name, spec.name))
    return entry.fidelity if entry else ""


def _costs(table: str, root: Path) -> Reading:
    return Reading(rows=tuple(cost_rows(table)))


def _table8(root: Path) -> Reading:
    return Reading(rows=tuple(cost_rows("table-8", _FINE_GRAINED)))


def _channels(root: Path) -> Reading:
    """Table 1: channels block by block, and costs."""
    labels = {each.network: each.label for each in networks("table-1")}
    rows = []
    for printed in stages():
        spec = Source.parse(printed.network).spec
        assert spec is not None  # a name of the catalogue
        ours = (spec.stem.out_channels, *spec.channels)
        is_so = ours == (printed.stem, *printed.channels)
        text = "-".join(map(str, (printed.stem, *printed.channels)))
        note = "" if is_so else f"ours are {'-'.join(map(str, ours))}"
        rows.append(agreed(f"{labels[printed.network]}: channels", text, is_so, note))
    return Reading(rows=(*rows, *cost_rows("table-1")))


_COUNTED = (
    "params and macs are counted; accuracies, from trainings on ImageNet, are not run"
)
_PAPER = "arXiv 2007.00992"

ITEMS = (
    counted_item(
        "table-1",
        "channel configurations of compact networks",
        f"{_PAPER}, Table 1",
        "channels, params and macs are compared; accuracies are not run",
        _channels,
    ),
    counted_item(
        "table-8",
        "fine-grained data sets",
        f"{_PAPER}, Table 8",
        "params and macs are counted; accuracies, from fine-tuning, are not run",
        _table8,
    ),
    *(
        counted_item(
            name, title, f"{_PAPER}, {source}", _COUNTED, partial(_costs, name)
        )
        for name, title, source in (
            ("table-4", "comparison on ImageNet", "Table 4"),
            ("table-a1", "the ReXNet family", "Appendix B.3"),
            ("table-a2", "the nonlinearity after the first 1x1", "Table A2"),
        )
    ),
)
