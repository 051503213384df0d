"""Pieces of HTML from values. Every word from outside is escaped here."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from rexpand.report.figures import Figure

# Where a long name of a layer or file, or a list of widths, may go on in the next line.
_LONG = re.compile(r"\S{15,}")
_BREAKS = re.compile(r"([-_/:]|(?<!\d)\.)(?=\w)")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A table cell: its text, and the number that it is sorted by, if it has one.

    `markup` is HTML of our own that stands before the text.
    """

    text: str
    value: float | None = None
    is_number: bool = False
    markup: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's header; `hint` explains it where the header is too short to."""

    title: str
    is_number: bool = False
    hint: str = ""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A strip of names and values."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in pairs
    )
    return f'<dl class="facts">{items}</dl>'


def section(title: str, body: str, identifier: str) -> str:
    """A part of the page under its heading; `body` is HTML."""
    return (
        f'<section id="{identifier}" aria-labelledby="{identifier}-title">'
        f'<h2 id="{identifier}-title">{escape(title)}</h2>{body}</section>'
    )


def paragraph(text: str, kind: str = "") -> str:
    """Words as a paragraph of the class `kind`."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>"


def figure(number: int, drawn: Figure) -> str:
    """A figure with its caption; the page's script draws the chart into it."""
    width = "wide" if drawn.is_wide else "half"
    label = escape(f"{drawn.title}. {drawn.caption}")
    buttons = "".join(
        f'<button type="button" class="save" data-format="{kind}" '
        f'aria-label="Save figure {number} as {kind.upper()}">{kind.upper()}</button>'
        for kind in ("svg", "png")
    )
    return (
        f'<figure class="{width}"><div class="chart" data-chart="{drawn.name}" '
        f'role="img" aria-label="{label}"></div><figcaption>'
        f"<strong>Figure {number}. {escape(drawn.title)}.</strong> "
        f'{escape(drawn.caption)} <span class="saves">{buttons}</span>'
        "</figcaption></figure>"
    )


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    caption: str,
    kind: str = "",
) -> str:
    """A table over its caption; of the kind `sortable` its headers sort it.

    Where it is wider than the page it scrolls: the page's script then shows the hint.
    """
    is_sortable = kind == "sortable"
    head = "".join(_header(column, is_sortable) for column in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        '<figure class="table"><p class="hint" hidden></p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        f"</table></div><figcaption>{escape(caption)}</figcaption></figure>"
    )


def breakable(text: str) -> str:
    """Text that may be broken inside a long name."""
    return _LONG.sub(lambda name: _BREAKS.sub(r"\1<wbr>", name[0]), escape(text))


def definitions(values: Mapping[str, Any]) -> str:
    """A mapping as a list of names and values; nested values as JSON."""
    items = "".join(
        f"<div><dt>{escape(str(name))}</dt><dd>{escape(_value(value))}</dd></div>"
        for name, value in values.items()
    )
    return f'<dl class="definitions">{items}</dl>'


def sparkline(channels: Sequence[int]) -> str:
    """The channels as a tiny bar chart, tallest bar 16 units high."""
    tallest = max(channels, default=1) or 1
    bars = "".join(
        f"M{4 * block + 2} 17v-{max(1, round(16 * width / tallest))}"
        for block, width in enumerate(channels)
    )
    size = 4 * len(channels)
    return (
        f'<svg class="spark" viewBox="0 0 {size} 17" width="{size}" height="17" '
        f'aria-hidden="true"><path d="{bars}"/></svg>'
    )


def embedded_json(value: object) -> str:
    """JSON that is safe between script tags."""
    return json.dumps(value, separators=(",", ":")).replace("<", r"\u003c")


def _header(column: Column, is_sortable: bool) -> str:
    title = f"<span>{escape(column.title)}</span>"
    hint = f' title="{escape(column.hint)}"' if column.hint else ""
    number = ' class="number"' if column.is_number else ""
    if not is_sortable:
        return f'<th scope="col"{number}{hint}>{title}</th>'
    button = f'<button type="button"{hint}>{title}</button>'
    return f'<th scope="col" aria-sort="none"{number}>{button}</th>'


def _cell(cell: Cell) -> str:
    number = ' class="number"' if cell.is_number else ""
    value = "" if cell.value is None else f' data-value="{cell.value:.10g}"'
    text = escape(cell.text) if cell.is_number else breakable(cell.text)
    return f"<td{number}{value}>{cell.markup}{text}</td>"


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
