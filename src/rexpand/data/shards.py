"""WebDataset shards: tar archives whose members KEY.jpg and KEY.cls are one sample.

Shards lie in FOLDER/train/ and FOLDER/test/ or val/, or all in FOLDER, with the part in
their names (train-000000.tar, val-000000.tar). Images are KEY.jpg, .jpeg, .png or .webp;
labels are KEY.cls, or the field `label` or `cls` of KEY.json: a class's number, or its
name. FOLDER/classes.txt or classes.json names the classes. As in the webdataset library,
members of one key follow each other, and an extension begins at the first point.

Headers and labels are read once, when the data set is opened; an image is then read from
its place. Nothing is extracted, and members of other kinds, pickles too, are not opened.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt

from rexpand.data.classes import check_labels, numbered_names, read_class_names
from rexpand.data.files import is_file
from rexpand.data.origin import RESOLUTION, LabelledPart
from rexpand.data.samples import Label, samples_of
from rexpand.data.shard_files import Which, shards_of
from rexpand.data.split import Digest, Labels
from rexpand.data.streams import StreamSplit
from rexpand.documents import opened
from rexpand.errors import DataError, quoted

_CLASS_FILES = ("classes.txt", "classes.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardImage:
    """An image that is a member of a shard."""

    shard: str
    key: str
    offset: int
    size: int

    @property
    def name(self) -> str:
        """The path of the shard, and the member in it."""
        return f"{self.shard}/{self.key}"

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        with opened(Path(self.shard), DataError) as (stream, _):
            stream.seek(self.offset)
            content = stream.read(self.size)
        yield BytesIO(content)


@dataclass(frozen=True, kw_only=True, eq=False)
class ShardImages:
    """Images of shards: for each its shard (a place in `shards`), its member and place."""

    shards: tuple[str, ...]
    shard: npt.NDArray[np.int32]
    keys: tuple[str, ...]
    offsets: Labels
    sizes: Labels

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: int) -> ShardImage:
        return ShardImage(
            shard=self.shards[self.shard[index]],
            key=self.keys[index],
            offset=int(self.offsets[index]),
            size=int(self.sizes[index]),
        )

    def picked(self, rows: Labels) -> Self:
        return type(self)(
            shards=self.shards,
            shard=self.shard[rows],
            keys=tuple(self.keys[row] for row in rows),
            offsets=self.offsets[rows],
            sizes=self.sizes[rows],
        )

    def feed(self, digest: Digest) -> None:
        """The name is that of the shard and of the member."""
        names = [os.fsencode(Path(shard).name) for shard in self.shards]
        for shard, key, size in zip(self.shard, self.keys, self.sizes, strict=True):
            member = os.fsencode(key)
            digest.update(b"%s/%s %d\n" % (names[shard], member, size))


@dataclass(frozen=True, kw_only=True)
class Shards:
    """A data set that is a folder of shards."""

    name: str
    folder: Path

    @property
    def has_training(self) -> bool:
        return bool(shards_of(self.folder, "train"))

    def training(self) -> LabelledPart:
        return self._part("train", None)

    def tests(self, class_names: tuple[str, ...] | None) -> LabelledPart:
        return self._part("test", class_names)

    def _part(self, part: Which, class_names: tuple[str, ...] | None) -> LabelledPart:
        shards = shards_of(self.folder, part)
        if not shards:
            raise DataError(
                f"'{self.folder}' has no shards of the {part} part; put them in "
                f"{part}/, or name them {part}-000000.tar"
            )
        samples = samples_of(shards)
        if not samples:
            raise DataError(
                f"the {len(shards)} {part} shards of '{self.folder}' are empty"
            )
        found = [sample.label for sample in samples]
        source = f"'{self.folder}'"
        names = class_names or self._class_names(source, found)
        labels = _numbered(source, part, found, names)
        check_labels(source, part, labels, len(names))
        images = ShardImages(
            shards=shards,
            shard=np.array([sample.shard for sample in samples], np.int32),
            keys=tuple(sample.member.name for sample in samples),
            offsets=np.array([sample.member.offset for sample in samples], np.int64),
            sizes=np.array([sample.member.size for sample in samples], np.int64),
        )
        split = StreamSplit(images=images, labels=labels, resolution=RESOLUTION)
        return LabelledPart(split=split, class_names=names)

    def _class_names(self, source: str, found: Sequence[Label]) -> tuple[str, ...]:
        """Those of the file of classes, else as the labels of the training images say."""
        for name in _CLASS_FILES:
            if is_file(self.folder / name):
                return read_class_names(self.folder / name)
        if all(isinstance(label, str) for label in found):
            return tuple(sorted({str(label) for label in found}))
        numbers = [label for label in found if isinstance(label, int)]
        if len(numbers) < len(found):
            raise DataError(
                f"{source}: some labels are numbers and some are names; write a "
                f"{_CLASS_FILES[0]} with the names in the order of their numbers"
            )
        return numbered_names(source, np.array(numbers, np.int64))


def _numbered(
    source: str, part: str, found: Sequence[Label], names: tuple[str, ...]
) -> Labels:
    """Labels as numbers; DataError for a name that no class has."""
    numbers = {name: number for number, name in enumerate(names)}
    for label in found:
        if isinstance(label, str) and label not in numbers:
            raise DataError(
                f"{source}: label {quoted(label)} in {part} is none of the "
                f"{len(names)} classes, {quoted(names[0])} the first"
            )
    whole = [numbers[each] if isinstance(each, str) else each for each in found]
    return np.array(whole, np.int64)
