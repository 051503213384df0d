"""Every item by name, in the order of the paper and then of the networks it compares."""

from collections.abc import Mapping
from types import MappingProxyType

from rexpand.errors import UnknownNameError
from rexpand.ledger.item import Item
from rexpand.ledger.items import (
    claims,
    contrasts,
    costs,
    detection,
    disagreements,
    factors,
    formulas,
    guidelines,
    latency,
    networks,
    rank,
    scaling,
    searches,
    shapes,
    training,
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
        contrasts,
        guidelines,
        scaling,
        networks,
        disagreements,
        training,
        claims,
    )
    for each in group.ITEMS
}
# The paper's own, then what others say; claims are decided by the rows of all others.
_FIRST = ("table", "figure", "formula")
_LAST = ("claims",)


def _place(name: str) -> tuple[int, str]:
    kind = name.partition("-")[0]
    if name in _LAST:
        return len(_FIRST) + 1, name
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST), name)


ITEMS: Mapping[str, Item] = MappingProxyType(
    {name: _FOUND[name] for name in sorted(_FOUND, key=_place)}
)


def item(name: str) -> Item:
    """The item of a name; UnknownNameError with the nearest if there is none."""
    if name not in ITEMS:
        raise UnknownNameError("item", name, ITEMS, "see `rexpand reproduce --list`")
    return ITEMS[name]
