"""Writing that survives a kill, and reading that takes no record for another.

A file is either the old one or the new one.
"""

import os
import tempfile
from pathlib import Path
from typing import TypeVar

from rexpand.codec import from_text
from rexpand.errors import RecordError

Value = TypeVar("Value")


def read_record(kind: type[Value], path: Path) -> Value:
    """The record in a file of JSON.

    Raises RecordError if it is not there, corrupt, or of another version of the format.
    """
    try:
        return from_text(kind, path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise RecordError(f"{path}: {error}") from None


def write_atomic(path: Path, content: bytes | str) -> None:
    """Replace `path` by `content`, or leave it as it was.

    The bytes go to a temporary file beside it, reach the disk, and only then take the
    name. On a full disk the OSError leaves the old file whole and nothing else behind.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # temporary files are the owner's alone
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def append_line(path: Path, line: str) -> None:
    """Append one line in a single write, so that a kill never leaves half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
