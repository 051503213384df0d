"""The tables of a stranger's JSON: of many fields, those that are asked for.

Ours are read whole and strictly by the codec; here other fields may be anything. What
is wrong is a ValueError with the place and the value.
"""

from array import array
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from rexpand.codec import from_content
from rexpand.errors import quoted

_LARGEST = 2**53


def tables(content: Any, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of a list, each with its place."""
    if not isinstance(content, Mapping) or not isinstance(content.get(name), list):
        raise ValueError(f"it has no list of {name}")
    for number, table in enumerate(content[name]):
        if not isinstance(table, Mapping):
            raise ValueError(f"{name}[{number}] is {quoted(table)}; give a table")
        yield f"{name}[{number}]", table


def field(kind: Any, table: Mapping[str, Any], name: str, place: str = "") -> Any:
    """A field that must be there, as a value of its kind."""
    inside = f"{place}.{name}" if place else name
    if name not in table:
        raise ValueError(f"missing key {inside}")
    return from_content(kind, table[name], inside)


def whole(table: Mapping[str, Any], name: str, place: str) -> int:
    """A whole number that must be there; of millions, so the codec is asked at last."""
    found = table.get(name)
    if type(found) is int and abs(found) < _LARGEST:
        return found
    return field(int, table, name, place)


def numbers(content: Any, place: str) -> tuple[float, ...]:
    """A list of numbers; of millions of lists, so the codec is asked at last."""
    if isinstance(content, list):
        try:
            found = array("d", content)
        except (TypeError, OverflowError):
            pass
        else:
            if isfinite(sum(found)):
                return tuple(found)
    return from_content(tuple[float, ...], content, place)


def optional(kind: Any, table: Mapping[str, Any], name: str, place: str = "") -> Any:
    """A field that need not be there, or may be null."""
    return None if table.get(name) is None else field(kind, table, name, place)
