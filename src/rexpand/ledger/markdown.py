"""The page of the ledger in the docs: all items, and the rows that say something."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from rexpand.ledger.catalogue import ITEMS
from rexpand.ledger.item import Item
from rexpand.ledger.reading import ItemRecord
from rexpand.ledger.row import LedgerVerdict, Row

_VERDICTS: tuple[str, ...] = get_args(LedgerVerdict)


def ledger_page(records: Sequence[ItemRecord], introduction: str) -> str:
    """A page of Markdown: a table of items, and a section for each that was run."""
    sections = (line for record in _ordered(records) for line in _section(record))
    return (
        "\n".join(
            (introduction.rstrip(), "", *_overview(records), "", *sections)
        ).rstrip()
        + "\n"
    )


def _ordered(records: Sequence[ItemRecord]) -> list[ItemRecord]:
    places = {name: place for place, name in enumerate(ITEMS)}
    return sorted(records, key=lambda each: places.get(each.item, len(places)))


def _overview(records: Sequence[ItemRecord]) -> Iterator[str]:
    """A line per item, with how many of its rows have which verdict."""
    yield from _table(
        ("item", "what", "protocol", *_VERDICTS),
        [
            (
                f"`{item.name}`",
                item.title,
                record.protocol if record else "not run yet",
                *(_tally(record) if record else [""] * len(_VERDICTS)),
            )
            for item in ITEMS.values()
            for record in _of(item, records) or (None,)
        ],
    )


def _of(item: Item, records: Sequence[ItemRecord]) -> list[ItemRecord]:
    return [record for record in records if record.item == item.name]


def _tally(record: ItemRecord) -> list[str]:
    counts = Counter(row.verdict for row in record.rows)
    return [f"{counts[verdict] or ''}" for verdict in get_args(LedgerVerdict)]


def _section(record: ItemRecord) -> Iterator[str]:
    yield f"## {record.item}: {record.title}"
    yield ""
    yield f"{record.source}. Protocol {record.protocol}: {record.says}."
    yield ""
    if record.found:
        yield from _table(
            ("what", "printed", "ours", "95 % interval", "n", "verdict", "note"),
            [_cells(row) for row in record.found],
        )
        yield ""
    for why, count in record.left_out.items():
        figures = "figure" if count == 1 else "figures"
        yield f"Not run, {count} printed {figures}: {why}."
        yield ""


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.printed,
        row.shown,
        row.interval,
        f"{row.count or ''}",
        row.verdict,
        row.note,
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(each.replace('|', '/') for each in cells)} |"
