"""The folder of a ledger: a record for each item and protocol, and one table of all."""

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rexpand.codec import to_document
from rexpand.errors import RecordError
from rexpand.ledger.reading import ItemRecord
from rexpand.ledger.row import Row
from rexpand.records import Provenance, read_record, write_atomic

TABLE = "ledger.csv"
_COLUMNS = (
    *("item", "protocol", "name", "printed", "ours", "unit", "n", "low", "high"),
    *("verdict", "processor", "threads", "commit", "command", "note"),
)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The records of a folder, and the files there that are none of this version."""

    records: tuple[ItemRecord, ...]
    unread: tuple[Path, ...] = ()


def read_ledger(folder: str | Path) -> Ledger:
    """What a folder holds; a file of another version is kept, and named in `unread`."""
    records, unread = [], []
    for path in sorted(Path(folder).glob("*.json")):
        try:
            records.append(read_record(ItemRecord, path))
        except RecordError:
            unread.append(path)
    return Ledger(records=tuple(records), unread=tuple(unread))


def write_item(record: ItemRecord, folder: str | Path) -> Path:
    """Keep a record, and bring the table of the folder up to date.

    A file of another version that is in its place is kept beside it. Raises OutputError
    if they cannot be written.
    """
    folder = Path(folder)
    protocol = record.protocol.replace(" ", "-")
    path = folder / f"{record.item}.{protocol}.json"
    if path in read_ledger(folder).unread:
        path.rename(_beside(path))
    write_atomic(path, to_document(record))
    write_atomic(folder / TABLE, _table(read_ledger(folder)))
    return path


def _beside(path: Path) -> Path:
    """A name that is free, for what another version wrote."""
    names = (path.with_suffix(f".other-{count}.json") for count in itertools.count(1))
    return next(each for each in names if not each.exists())


def _table(ledger: Ledger) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for record in ledger.records:
        writer.writerows(_line(record, row) for row in record.rows)
    return text.getvalue()


def _line(record: ItemRecord, row: Row) -> tuple[object, ...]:
    found = record.provenances
    return (
        *(record.item, record.protocol, row.name, row.printed, row.ours, row.unit),
        *(row.count, row.low, row.high, row.verdict),
        _joined(each.machine.cpu for each in found),
        _joined(f"{each.threads}" for each in found if each.threads),
        _joined(_commit(each) for each in found),
        _joined(" ".join(each.command) for each in found if each.command),
        row.note,
    )


def _commit(provenance: Provenance) -> str:
    if provenance.commit is None:
        return "not recorded"
    changed = ", with changes" if provenance.has_changes else ""
    return f"{provenance.commit[:12]}{changed}"


def _joined(texts: Iterator[str]) -> str:
    return "; ".join(dict.fromkeys(texts))
