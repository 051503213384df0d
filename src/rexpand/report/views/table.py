"""A table of numbers that knows how each column is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def decimals(count: int) -> Callable[[float], str]:
    """Writes numbers with so many decimals, and thousands apart."""
    return lambda number: f"{number:,.{count}f}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its name in a data frame, its head in a page, and how a cell is written.

    With `has_bar` a cell also shows its share of the column's largest number.
    """

    name: str
    title: str
    written: Callable[[Any], str] = str
    has_bar: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of values under columns; `title` is one line above them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
