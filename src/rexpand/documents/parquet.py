"""A Parquet file as rows of plain values and one text, and back.

Only numbers, texts and lists of numbers are read, of the columns that are asked for, and
none that are extensions: those name classes of Python. What the file's own
directory claims is checked before a page is unpacked. pyarrow is imported where it is
used, so that the rest of this room starts without it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rexpand.documents.arrays import unpacking
from rexpand.documents.opening import read_bytes
from rexpand.errors import MissingExtraError, MistakeError

# What a column may hold, by name, and its type in Arrow's words.
Columns = Mapping[str, str]

_MOST_ROWS = 1_000_000
_MOST_UNPACKED = 2**30  # bytes
_LONGEST_TEXT = 1000  # characters of a value
_LARGEST_PART = 2**24  # bytes of the file's own directory, and entries of a list there


@dataclass(frozen=True, kw_only=True)
class Parquet:
    """The rows of a file, and the text that stands in its header."""

    header: str
    rows: tuple[dict[str, Any], ...]


def read_parquet(
    path: Path, columns: Columns, header: str, error: type[MistakeError]
) -> Parquet:
    """The rows of a Parquet file with these columns, and the text of that name.

    Raises `error`, naming the file, for one that is damaged, has other columns, or
    claims more than a table holds, and MissingExtraError without pyarrow.
    """
    arrow, parquet = _libraries()
    content = read_bytes(path, error)
    with unpacking(path, error):
        file = parquet.ParquetFile(
            arrow.BufferReader(content),
            read_dictionary=[
                name for name, kind in columns.items() if kind == "string"
            ],
            thrift_string_size_limit=_LARGEST_PART,
            thrift_container_size_limit=_LARGEST_PART,
            page_checksum_verification=True,
            arrow_extensions_enabled=False,
        )
        _check_claims(file.metadata)
        _check_columns(file.schema_arrow, _schema(arrow, columns))
        text = (file.metadata.metadata or {}).get(header.encode())
        if text is None:
            raise ValueError(f"its header has no '{header}'")
        table = file.read(columns=[*columns], use_threads=False)
        table.validate(full=True)
        values = [_values(table.column(name)) for name in columns]
        rows = zip(*values, strict=True)
        return Parquet(
            header=text.decode("utf-8"),
            rows=tuple(dict(zip(columns, row, strict=True)) for row in rows),
        )


def parquet_bytes(
    rows: Sequence[Mapping[str, Any]], columns: Columns, header: Mapping[str, str]
) -> bytes:
    """Rows as a Parquet file, the same bytes for the same rows.

    Its pages have checksums. Raises MissingExtraError without pyarrow.
    """
    arrow, parquet = _libraries()
    schema = _schema(arrow, columns)
    table = arrow.Table.from_pylist([dict(row) for row in rows], schema=schema)
    file = io.BytesIO()
    # without a copy of Arrow's own schema, which may name classes of Python
    with parquet.ParquetWriter(
        file, schema, compression="zstd", write_page_checksum=True, store_schema=False
    ) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(dict(header))
    return file.getvalue()


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "table") from None
    return pyarrow, parquet


def _schema(arrow: Any, columns: Columns) -> Any:
    return arrow.schema([(name, _type(arrow, kind)) for name, kind in columns.items()])


def _type(arrow: Any, kind: str) -> Any:
    inner = kind.removeprefix("list of ")
    found = arrow.type_for_alias(inner)
    return found if inner == kind else arrow.list_(found)


def _check_claims(found: Any) -> None:
    """ValueError for a directory that claims more than a table of trainings holds."""
    groups = [found.row_group(each) for each in range(found.num_row_groups)]
    unpacked = sum(group.total_byte_size for group in groups)
    if found.num_rows > _MOST_ROWS or unpacked > _MOST_UNPACKED:
        raise ValueError(
            f"it claims {found.num_rows:,} rows that unpack to {unpacked:,} bytes"
        )


def _check_columns(found: Any, wanted: Any) -> None:
    """ValueError unless every column is there, once, with its type."""
    for field in wanted:
        places = found.get_all_field_indices(field.name)
        if len(places) != 1:
            raise ValueError(f"it has {len(places)} columns '{field.name}'")
        kind = _plain(found.field(places[0]).type)
        if kind != _plain(field.type):
            raise ValueError(f"column '{field.name}' holds {kind}, not {field.type}")


def _plain(kind: Any) -> Any:
    """The type without the way that it is stored."""
    from pyarrow import types

    return kind.value_type if types.is_dictionary(kind) else kind


def _values(column: Any) -> list[Any]:
    """The values as Python's own; each text of a dictionary is made once."""
    from pyarrow import types

    if not types.is_dictionary(column.type):
        found: list[Any] = column.to_pylist()
        return found
    texts: list[Any] = []
    for chunk in column.chunks:
        known = [_short(value) for value in chunk.dictionary]
        texts += [None if n is None else known[n] for n in chunk.indices.to_pylist()]
    return texts


def _short(value: Any) -> Any:
    text = value.as_py()
    if text is not None and len(text) > _LONGEST_TEXT:
        raise ValueError(f"a text of {len(text):,} characters is too long")
    return text
