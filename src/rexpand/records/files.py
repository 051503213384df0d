"""Writing that survives a kill, and reading that takes no record for another.

A file is either the old one or the new one.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, EINVAL, ENOSPC, ENOTDIR
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

from rexpand.documents import read_value
from rexpand.errors import MistakeError, OutputError, RecordError

Value = TypeVar("Value")
TORN = ".torn"  # ends the name of what is not whole, or not there to stay


def read_record(kind: type[Value], path: str | Path) -> Value:
    """The record in a file of JSON.

    Raises RecordError if it is not there, corrupt, or of another version of the format.
    """
    return read_value(kind, Path(path), RecordError)


@contextmanager
def writing(path: Path, kept: str = "nothing is left of it") -> Iterator[None]:
    """The wall of writing: what the file system refuses is an OutputError.

    It names `path`, and says what is kept.
    """
    try:
        yield
    except MistakeError:  # said already
        raise
    except (OSError, ValueError) as error:  # ValueError: NUL in the name
        full = isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT)
        reason = error.strerror if isinstance(error, OSError) else str(error)
        what = "the disk is full" if full else (reason or str(error)).lower()
        way_out = "free some space and run it again" if full else "give another place"
        raise OutputError(
            f"{path} cannot be written: {what}; {kept}; {way_out}"
        ) from error


@contextmanager
def new_folders(path: Path) -> Iterator[None]:
    """Remove the folders down to `path` that a failing block made, if they are empty."""
    made = [each for each in (path, *path.parents) if not os.path.lexists(each)]
    try:
        yield
    except BaseException:
        for folder in made:  # the innermost first
            with suppress(OSError):
                folder.rmdir()
        raise


def write_atomic(
    path: str | Path, content: bytes | str, *, earlier: str | Path | None = None
) -> None:
    """Replace `path` by `content`, or leave it as it was.

    The bytes go to a temporary file beside it, reach the disk, and only then take the
    name; the old file takes the name `earlier`, if one is given. Raises OutputError if
    they cannot; the old file is then whole, and nothing else is left behind, no new
    folder either.
    """
    path = Path(path)
    # A file's name that is no UTF-8 reaches records and pages; it is written escaped.
    escaped = "backslashreplace"
    data = content.encode(errors=escaped) if isinstance(content, str) else content
    with writing(path, _kept(path)), new_folders(path.parent):
        make_folder(path.parent)
        check_regular(path)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=_prefix(path), suffix=TORN
        )
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)  # temporary files are the owner's alone
            if earlier is not None and path.exists():
                path.replace(earlier)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def remove_torn(folder: Path) -> None:
    """Delete the temporary files and folders that a killed process left below a folder.

    A page keeps its figures in a folder of their own. The caller is the only process
    that writes there.
    """
    for path in [*folder.rglob(f".*{TORN}")]:
        if path.is_dir() and not path.is_symlink():
            rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and its parents; an OSError names the file that is in the way."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        blocking = next(each for each in (path, *path.parents) if each.exists())
        raise NotADirectoryError(ENOTDIR, f"{blocking} is no folder") from None


def check_regular(path: Path) -> None:
    """Raise OSError if a folder, a device or a pipe has the name of a file."""
    if path.exists() and not path.is_file():
        raise OSError(EINVAL, "it is no regular file")


def _kept(path: Path) -> str:
    with suppress(OSError, ValueError):
        if path.is_file():
            return "the file there is as it was"
    return "nothing is left of it"


def _prefix(path: Path) -> str:
    """The beginning of a temporary file's name; a longer one would not fit a name."""
    return f".{path.name[:50]}."
