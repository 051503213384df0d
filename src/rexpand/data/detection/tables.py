"""The tables of a stranger's JSON: of many fields, those that are asked for.

Ours are read whole and strictly by the codec; here other fields may be anything. What
is wrong is a ValueError with the place and the value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rexpand.codec import from_content
from rexpand.errors import quoted


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


def optional(kind: Any, table: Mapping[str, Any], name: str, place: str = "") -> Any:
    """A field that need not be there, or may be null."""
    return None if table.get(name) is None else field(kind, table, name, place)
