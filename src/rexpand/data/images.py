"""Where encoded images lie: each can be opened by its number, in any order.

A folder of files, shards and a table differ in this alone: what reads, crops, shuffles
and checks images takes any of them.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from rexpand.data.split import Digest, Labels
from rexpand.documents import opened
from rexpand.errors import DataError


class StoredImage(Protocol):
    """The bytes of one image, JPEG, PNG or of another format, wherever they lie."""

    @property
    def name(self) -> str:
        """What messages and predictions call it."""

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """Its bytes as a stream that can be rewound; DataError if there are none."""


class Images(Protocol):
    """Encoded images, numbered from 0."""

    def __len__(self) -> int:
        """Number of images."""

    def __getitem__(self, index: int) -> StoredImage:
        """The image of that number."""

    def picked(self, rows: Labels) -> Self:
        """The images of these numbers, in that order."""

    def feed(self, digest: Digest) -> None:
        """Give a hash the name and the size of each image, in order.

        The bytes of a million images take minutes to read, their sizes seconds.
        """


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image that is a file."""

    name: str

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        with opened(Path(self.name), DataError) as (stream, _):
            yield stream


@dataclass(frozen=True, kw_only=True)
class ImageFiles:
    """Image files by their paths."""

    # strings, lighter than Paths: ImageNet has 1.28 million of them
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> ImageFile:
        return ImageFile(self.files[index])

    def picked(self, rows: Labels) -> Self:
        return type(self)(files=tuple(self.files[row] for row in rows))

    def feed(self, digest: Digest) -> None:
        """The name is that of the class folder and of the file."""
        for file in self.files:
            path = Path(file)
            name = os.fsencode("/".join(path.parts[-2:]))  # in whatever encoding
            digest.update(b"%s %d\n" % (name, _size(path)))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise DataError(f"image '{file}' cannot be read: {error.strerror}") from error
