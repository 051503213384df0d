"""The bytes and the text of a regular file."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rexpand.errors import MistakeError

LARGEST_DOCUMENT = 64 * 2**20  # bytes; the largest of ours, a rank study, has half a MB


@contextmanager
def opened(path: Path, error: type[MistakeError]) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file and its size in bytes.

    Raises `error` if it is not there, no regular file, or cannot be read. A pipe or a
    device is not waited for.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise error(f"there is no file {path}") from None
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        raise error(f"{path} cannot be read: {_reason(problem)}") from None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        kind = "folder" if stat.S_ISDIR(found.st_mode) else "pipe or a device"
        raise error(f"{path} is a {kind}; give a file")
    with os.fdopen(handle, "rb") as file:
        try:
            yield file, found.st_size
        except OSError as problem:
            raise error(f"{path} cannot be read: {_reason(problem)}") from None


def read_bytes(
    path: Path, error: type[MistakeError], largest: int = LARGEST_DOCUMENT
) -> bytes:
    """All of a regular file of at most `largest` bytes; raises as `opened` does."""
    with opened(path, error) as (file, size):
        content = file.read(largest + 1) if size <= largest else b""
    if max(size, len(content)) > largest:
        raise error(f"{path} has more than {largest // 2**20} MiB; give a smaller file")
    return content


def read_text(
    path: Path, error: type[MistakeError], largest: int = LARGEST_DOCUMENT
) -> str:
    """A file of UTF-8, with or without the mark that some editors begin one with."""
    content = read_bytes(path, error, largest)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(
            f"{path} is not UTF-8 text: byte {problem.start} is "
            f"0x{content[problem.start]:02x}; save it as UTF-8"
        ) from None


def _reason(problem: Exception) -> str:
    return (isinstance(problem, OSError) and problem.strerror) or str(problem)
