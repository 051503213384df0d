"""A table as HTML for a notebook: readable in its light and in its dark theme."""

from collections.abc import Iterator
from html import escape
from typing import Any

from rexpand.report.views.table import Column, Table

_MOST_ROWS = 60
_BAR = "rgba(75, 148, 192, 0.35)"  # on white and on black
_HEAD = "text-align: {side}; padding: 2px 10px; border-bottom: 1px solid currentColor"
_CELL = "text-align: {side}; padding: 2px 10px; font-variant-numeric: tabular-nums"


def table_html(table: Table) -> str:
    """One element: the title and the table; of a long one the first rows and the last."""
    largest = [_largest(table, place) for place in range(len(table.columns))]
    sides = [_side(table, place) for place in range(len(table.columns))]
    heads = "".join(
        f'<th style="{_HEAD.format(side=side)}">{escape(column.title)}</th>'
        for column, side in zip(table.columns, sides, strict=True)
    )
    rows = "".join(_rows(table, sides, largest))
    return (
        '<div style="overflow-x: auto; max-width: 100%">'
        f'<div style="padding: 2px 10px"><b>{escape(table.title)}</b></div>'
        f'<table style="border-collapse: collapse"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _rows(table: Table, sides: list[str], largest: list[float]) -> Iterator[str]:
    left_out = len(table.rows) - _MOST_ROWS
    half = _MOST_ROWS // 2
    for number, row in enumerate(table.rows):
        if left_out > 0 and half <= number < half + left_out:
            if number == half:
                yield (
                    f'<tr><td colspan="{len(sides)}" style="padding: 2px 10px">'
                    f"... {left_out:,} more rows, in to_frame()</td></tr>"
                )
            continue
        cells = zip(table.columns, row, sides, largest, strict=True)
        yield f"<tr>{''.join(_cell(*each) for each in cells)}</tr>"


def _cell(column: Column, value: Any, side: str, largest: float) -> str:
    text = "" if value is None else column.written(value)
    bar = ""
    if column.has_bar and largest > 0 and value is not None:
        share = 100 * value / largest
        bar = (
            f"; background: linear-gradient(to right, {_BAR} {share:.1f}%, "
            f"transparent {share:.1f}%)"
        )
    return f'<td style="{_CELL.format(side=side)}{bar}">{escape(text)}</td>'


def _largest(table: Table, place: int) -> float:
    if not table.columns[place].has_bar:
        return 0.0
    return max([row[place] for row in table.rows if row[place] is not None] or [0.0])


def _side(table: Table, place: int) -> str:
    values = [row[place] for row in table.rows if row[place] is not None]
    are_numbers = all(
        isinstance(each, (int, float)) and not isinstance(each, bool) for each in values
    )
    return "right" if are_numbers and values else "left"
