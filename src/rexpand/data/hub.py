"""Data sets of Hugging Face's `datasets` on disk: a row of a table is an image.

The tables lie in memory-mapped files, so that any row is read from its place. Parquet
files and names of the hub become such files in the library's own cache.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np

from rexpand.data.classes import check_labels, numbered_names
from rexpand.data.files import is_file, is_folder
from rexpand.data.hub_name import HubName
from rexpand.data.origin import RESOLUTION, LabelledPart
from rexpand.data.split import Digest, Labels
from rexpand.data.streams import StreamSplit
from rexpand.documents import opened
from rexpand.errors import DataError, MissingExtraError, printable, quoted

_TESTS = ("test", "validation", "valid", "val")
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
        tables = load_tables(self.hub, self.root)
        return self._part(tables, train_split(self.hub, tables), None)

    def tests(self, class_names: tuple[str, ...] | None) -> LabelledPart:
        tables = load_tables(self.hub, self.root)
        for split in test_splits(self.hub, tables):
            if not _is_hidden(tables[split], self.hub):
                return self._part(tables, split, class_names)
        raise DataError(
            f"hf:{self.hub.place}: the images of {split} have no labels; choose another "
            f"split with test=NAME, of {', '.join(tables)}"
        )

    def _part(
        self, tables: Mapping[str, Any], split: str, expected: tuple[str, ...] | None
    ) -> LabelledPart:
        source, table = f"hf:{self.hub.place} {split}", tables[split]
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


def is_saved(folder: Path) -> bool:
    """Whether a folder is one that `save_to_disk` wrote, or has files of parquet."""
    is_written = is_file(folder / "dataset_dict.json") or is_file(folder / "state.json")
    return is_written or any(folder.glob("*.parquet"))


def load_tables(hub: HubName, root: Path) -> Mapping[str, Any]:
    """The splits of a data set by name: tables, or streams if asked for and not saved.

    Raises DataError for whatever the library finds wrong, MissingExtraError without it.
    """
    try:
        import datasets
    except ImportError:
        raise MissingExtraError("datasets", "data") from None
    places = (root / hub.place, Path(hub.place))
    folder = next((place for place in places if is_folder(place)), None)
    with _quiet(datasets), wall(hub):
        if folder and is_file(folder / "dataset_dict.json"):
            tables = dict(datasets.load_from_disk(str(folder.resolve())))
            for table in tables.values():
                # reading a place that is outside of a damaged table ends the process
                table.data.validate(full=True)
            return tables
        if folder and is_file(folder / "state.json"):
            raise DataError(
                f"'{folder}' holds one split; save a DatasetDict with train and test"
            )
        place = str(folder.resolve()) if folder else hub.place
        return dict(datasets.load_dataset(place, hub.config, streaming=hub.stream))


@contextmanager
def _quiet(datasets: Any) -> Iterator[None]:
    """The library without its bars and remarks, of which a user has no use."""
    level, bars = (
        datasets.logging.get_verbosity(),
        datasets.are_progress_bars_disabled(),
    )
    datasets.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.logging.set_verbosity(level)
        if not bars:
            datasets.enable_progress_bars()


@contextmanager
def wall(hub: HubName) -> Iterator[None]:
    """Whatever the library raises becomes a DataError of one line."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # of any kind, for what a stranger wrote
        first = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise DataError(
            f"hf:{hub.place} cannot be loaded ({printable(first, 300)}); give a folder "
            "that save_to_disk wrote or that holds parquet files, or a name of the hub "
            "and a connection"
        ) from error


def train_split(hub: HubName, tables: Mapping[str, Any]) -> str:
    """The split to train on; DataError if it is not there."""
    return _known(hub, hub.train or "train", tables, "train")


def test_splits(hub: HubName, tables: Mapping[str, Any]) -> list[str]:
    """The splits that may be tested on, the best first; DataError if there is none."""
    if hub.test:
        return [_known(hub, hub.test, tables, "test")]
    found = [name for name in _TESTS if name in tables]
    return found or [_known(hub, "test", tables, "test")]


def _known(hub: HubName, name: str, tables: Mapping[str, Any], control: str) -> str:
    if name not in tables:
        raise DataError(
            f"hf:{hub.place} has no split {quoted(name)}, only {', '.join(tables)}; "
            f"choose one with {control}=NAME"
        )
    return name


def columns_of(hub: HubName, features: Mapping[str, Any] | None) -> tuple[str, str]:
    """The columns of images and labels, by their types; DataError unless each is one."""
    from datasets import ClassLabel, Image

    if features is None:
        raise DataError(f"hf:{hub.place} does not say what its columns are")
    images = [name for name, kind in features.items() if isinstance(kind, Image)]
    labels = [name for name, kind in features.items() if isinstance(kind, ClassLabel)]
    found = []
    for control, asked, candidates in (
        ("image", hub.image, images),
        ("label", hub.label, labels),
    ):
        if asked is None and len(candidates) != 1:
            raise DataError(
                f"hf:{hub.place} has {len(candidates)} columns of the type of "
                f"{control}s, of {', '.join(features)}; choose one with {control}=NAME"
            )
        if asked is not None and asked not in features:
            raise DataError(
                f"hf:{hub.place} has no column {quoted(asked)}, only "
                f"{', '.join(features)}"
            )
        found.append(asked or candidates[0])
    return found[0], found[1]


def class_names_of(feature: Any) -> tuple[str, ...] | None:
    """The names of a ClassLabel; None for a column of numbers."""
    from datasets import ClassLabel

    return tuple(feature.names) if isinstance(feature, ClassLabel) else None


def check_same_classes(
    source: str, found: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    """Raise DataError for other classes than those of the training images."""
    if expected is None or found == expected:
        return
    differing = sorted({*found} ^ {*expected}) or [
        next(a for a, b in zip(found, expected, strict=True) if a != b)
    ]
    raise DataError(
        f"{source} has {len(found)} classes and train has {len(expected)}; "
        f"{quoted(differing[0])} is the first that differs"
    )


def encoded(table: Any, image: str) -> Any:
    """A table or a stream whose images stay the bytes that they are stored as."""
    from datasets import Image

    return table.cast_column(image, Image(decode=False))


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
