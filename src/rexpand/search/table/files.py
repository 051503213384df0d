"""The Parquet file of a table: one row per training, the protocols in its header."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from rexpand.codec import from_content, to_content, to_line
from rexpand.documents import from_text, naming
from rexpand.documents.parquet import parquet_bytes, read_parquet
from rexpand.errors import RecordError
from rexpand.records import SearchTable, TableRow, TableStudy, write_atomic

_VERSION = 1
_HEADER = "rexpand"  # the key of the protocols in the file's metadata
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "study": "string",
        "trial": "int32",
        "seed": "int64",
        "shape": "string",
        "channels": "list of int32",
        "params": "int64",
        "macs": "int64",
        "activations": "int64",
        "memory_access": "int64",
        "accuracy": "double",
        "epoch_accuracies": "list of double",
        "nuclear_norm": "double",
        "effective_rank": "double",
        "seconds": "double",
    }
)


@dataclass(frozen=True, kw_only=True)
class _Header:
    """The text in the file's metadata."""

    studies: tuple[TableStudy, ...]
    version: int = _VERSION


def read_table(path: str | Path) -> SearchTable:
    """The table in a Parquet file.

    Raises RecordError for a file that is damaged, of another kind or of another version,
    and MissingExtraError without pyarrow.
    """
    path = Path(path)
    found = read_parquet(path, COLUMNS, _HEADER, RecordError)
    with naming(path, RecordError):
        header = from_text(_Header, found.header)
        rows = tuple(
            from_content(TableRow, row, f"row {number}")
            for number, row in enumerate(found.rows)
        )
        table = SearchTable(studies=header.studies, rows=rows)
        _check(table)
    return table


def write_table(table: SearchTable, path: str | Path) -> None:
    """Write a table as Parquet, the same bytes for the same table.

    Raises OutputError if it cannot be written, and MissingExtraError without pyarrow.
    """
    rows = [{name: getattr(row, name) for name in COLUMNS} for row in table.rows]
    header = to_line(to_content(_Header(studies=table.studies)))
    write_atomic(path, parquet_bytes(rows, COLUMNS, {_HEADER: header}))


def _check(table: SearchTable) -> None:
    """ValueError for rows that are not of the studies in the header."""
    depths = {study.name: study.spec.depth for study in table.studies}
    if len(depths) < len(table.studies):
        raise ValueError("two of its studies have one name")
    for name in depths.keys() & {".", ".."}:  # pages lie in folders of these names
        raise ValueError(f"'{name}' is no name of a study")
    for number, row in enumerate(table.rows):
        depth = depths.get(row.study)
        if depth is None:
            raise ValueError(
                f"row {number} is of study '{row.study}', which is unknown"
            )
        if len(row.channels) != depth:
            raise ValueError(
                f"row {number} has {len(row.channels)} channels, and {row.study} "
                f"{depth} blocks"
            )
