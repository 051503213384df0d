"""What a path of a stranger's is, asked before anything is opened.

Opening a pipe waits for whoever writes into it, and reading a device has no end.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from rexpand.errors import DataError

_SUFFIXES = (".jpg", ".jpeg", ".png")


def is_file(path: str | Path) -> bool:
    """Whether a path leads to a regular file, over links too."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: str | Path) -> bool:
    """Whether a path leads to a folder, over links too."""
    return stat.S_ISDIR(_mode(path))


def is_there(path: str | Path) -> bool:
    """Whether a path leads to anything."""
    return _mode(path) != 0


def _mode(path: str | Path) -> int:
    try:
        return os.stat(path).st_mode  # noqa: PTH116  # a string stays one
    except (OSError, ValueError):  # no such, a loop, too long, denied; a NUL in it
        return 0


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Image files, sorted; and what has the name of one and is none, sorted.

    Those are pipes, sockets, devices, and links that lead nowhere or in a loop.
    """

    images: tuple[str, ...]
    no_files: tuple[str, ...]


def list_images(folder: Path, suffixes: tuple[str, ...] = _SUFFIXES) -> Listing:
    """JPEG and PNG files anywhere in a folder, or others; hidden ones do not count.

    Links to folders are not followed. Raises DataError for a folder that cannot be read.
    """
    images, no_files, folders = list[str](), list[str](), [str(folder)]
    while folders:
        for entry in entries_of(folders.pop()):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif _is_named(entry.name, suffixes) and not is_folder(entry.path):
                kept = images if is_file(entry.path) else no_files
                kept.append(entry.path)
    return Listing(images=tuple(sorted(images)), no_files=tuple(sorted(no_files)))


def folders_in(folder: Path) -> tuple[str, ...]:
    """Names of the folders in one, sorted; hidden ones do not count."""
    return tuple(
        sorted(
            entry.name
            for entry in entries_of(str(folder))
            if entry.name[:1] != "." and is_folder(entry.path)
        )
    )


def entries_of(folder: str) -> "list[os.DirEntry[str]]":
    """What is right in a folder; DataError for one that cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise DataError(f"'{folder}' cannot be read: {error.strerror}") from error


def _is_named(name: str, suffixes: tuple[str, ...]) -> bool:
    return name.lower().endswith(suffixes) and name[:1] != "."
