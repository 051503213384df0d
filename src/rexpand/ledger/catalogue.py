"""Every item by name, in the order of the paper and then of the networks it compares."""

from collections.abc import Mapping
from types import MappingProxyType

from rexpand.errors import UnknownNameError
from rexpand.ledger.item import Item
from rexpand.ledger.items import (
    costs,
    detection,
    factors,
    formulas,
    latency,
    rank,
    searches,
    shapes,
    survey,
)

_FOUND = {
    each.name: each
    for group in (
        costs,
        detection,
        factors,
        formulas,
        latency,
        rank,
        searches,
        shapes,
        survey,
    )
    for each in group.ITEMS
}
_FIRST = ("table", "figure", "formula")


def _place(name: str) -> tuple[int, str]:
    kind = name.partition("-")[0]
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST), name)


ITEMS: Mapping[str, Item] = MappingProxyType(
    {name: _FOUND[name] for name in sorted(_FOUND, key=_place)}
)


def item(name: str) -> Item:
    """The item of a name; UnknownNameError with the nearest if there is none."""
    if name not in ITEMS:
        raise UnknownNameError("item", name, ITEMS, "see `rexpand reproduce --list`")
    return ITEMS[name]
