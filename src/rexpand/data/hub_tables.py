"""Data sets of Hugging Face's `datasets` on disk: a row of a table is an image.

The tables lie in memory-mapped files, so that any row is read from its place. Parquet
files and names of the hub become such files in the library's own cache.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np

from rexpand.data.classes import check_labels, check_same_classes, numbered_names
from rexpand.data.hub_library import (
    class_names_of,
    columns_of,
    encoded,
    load_tables,
    test_splits,
    train_split,
)
from rexpand.data.hub_name import HubName
from rexpand.data.origin import RESOLUTION, LabelledPart
from rexpand.data.split import Digest, Labels
from rexpand.data.streams import StreamSplit
from rexpand.documents import opened
from rexpand.errors import DataError, quoted

_UNLABELLED = -1  # the label of every image of a hidden test set


@dataclass(frozen=True, slots=True, kw_only=True)
class TableImage:
    """An image that is a row of a table: its bytes, or the path of its file."""

    name: str
    content: bytes | None
    path: str | None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        if self.content is not None:
            yield BytesIO(self.content)
        elif self.path:
            with opened(Path(self.path), DataError) as (stream, _):
                yield stream
        else:
            raise DataError(f"image '{self.name}' is empty")


@dataclass(frozen=True, kw_only=True, eq=False)
class TableImages:
    """Rows of a column of images, a ChunkedArray of {bytes, path}, called by `source`."""

    source: str
    column: Any
    rows: Labels

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> TableImage:
        row = int(self.rows[index])
        found = self.column[row].as_py() or {}
        return TableImage(
            name=f"{self.source}[{row}]",
            content=found.get("bytes"),
            path=found.get("path"),
        )

    def picked(self, rows: Labels) -> Self:
        return type(self)(source=self.source, column=self.column, rows=self.rows[rows])

    def feed(self, digest: Digest) -> None:
        """The name is the number of the row; the size is that of its bytes."""
        import pyarrow.compute as pc

        bytes_of = pc.struct_field(self.column, "bytes")
        sizes = pc.fill_null(pc.binary_length(bytes_of), 0).to_numpy()
        for row in self.rows:
            digest.update(b"%d %d\n" % (row, sizes[row]))


@dataclass(frozen=True, kw_only=True)
class HubTables:
    """A data set of `datasets` on disk, in a folder below `root` or on the hub."""

    hub: HubName
    root: Path

    @property
    def name(self) -> str:
        return self.hub.name

    @property
    def has_training(self) -> bool:
        return True

    def training(self) -> LabelledPart:
        return self._part(train_split(self.hub, self._tables), None)

    def tests(self, class_names: tuple[str, ...] | None) -> LabelledPart:
        for split in test_splits(self.hub, self._tables):
            if not _is_hidden(self._tables[split], self.hub):
                return self._part(split, class_names)
        raise DataError(
            f"hf:{self.hub.place}: the images of {split} have no labels; choose another "
            f"split with test=NAME, of {', '.join(self._tables)}"
        )

    @cached_property
    def _tables(self) -> Mapping[str, Any]:
        """The splits by name; a million rows are checked once."""
        return load_tables(self.hub, self.root)

    def _part(self, split: str, expected: tuple[str, ...] | None) -> LabelledPart:
        source, table = f"hf:{self.hub.place} {split}", self._tables[split]
        image, label = columns_of(self.hub, table.features)
        if not len(table):
            raise DataError(f"{source} has no image")
        labels = _labels(source, table, label)
        names = class_names_of(table.features[label]) or expected
        names = names or numbered_names(source, labels)
        check_same_classes(source, names, expected)
        check_labels(source, split, labels, len(names))
        column = encoded(table, image).data.column(image)
        images = TableImages(
            source=f"{self.name}/{split}", column=column, rows=np.arange(len(table))
        )
        stream = StreamSplit(images=images, labels=labels, resolution=RESOLUTION)
        return LabelledPart(split=stream, class_names=names)


def _is_hidden(table: Any, hub: HubName) -> bool:
    _, label = columns_of(hub, table.features)
    column = table.data.column(label)
    return len(column) > 0 and column.unique().to_pylist() == [_UNLABELLED]


def _labels(source: str, table: Any, label: str) -> Labels:
    column = table.data.column(label)
    if column.null_count:
        raise DataError(f"{source}: {column.null_count} images have no label")
    labels = column.to_numpy()
    if labels.dtype.kind not in "iu":
        raise DataError(
            f"{source}: column {quoted(label)} holds {column.type}, no numbers of classes"
        )
    return labels.astype(np.int64)
