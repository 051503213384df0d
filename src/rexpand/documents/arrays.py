"""The arrays of an .npz file, after a look at what its headers claim.

No array is unpacked before its size is known, and none that holds Python objects. numpy
is imported where an archive is read, so that the rest of this room starts without it.
"""

import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from rexpand.documents.opening import opened
from rexpand.errors import MistakeError
from rexpand.memory import usable_memory

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

# An archive that unpacks to more than this many times its size is a bomb: photographs
# reach 20, and what is smaller than a quarter of a GiB does no harm.
_MOST_PACKED = 100
_HARMLESS = 2**28


def read_arrays(
    path: Path, error: type[MistakeError], wanted: Collection[str] | None = None
) -> "dict[str, Array]":
    """The arrays of an .npz file by name, those of `wanted` that are there or all.

    Raises `error`, naming the file, for one that is damaged or no archive of plain
    arrays, and for one that claims more than it can hold, before it is unpacked.
    """
    with (
        opened(path, error) as (file, _),
        unpacking(path, error),
        zipfile.ZipFile(file) as archive,
    ):
        check_unpacked(archive)
        members = {
            name: info
            for info in archive.infolist()
            if (name := info.filename.removesuffix(".npy")) in (wanted or {name})
        }
        claimed = sum(_claimed(archive, info) for info in members.values())
        if claimed > usable_memory():
            raise ValueError(
                f"its arrays take {claimed / 1e9:,.1f} GB, and there are "
                f"{usable_memory() / 1e9:,.1f} GB of memory"
            )
        return {name: _array(archive, info) for name, info in members.items()}


def check_unpacked(archive: zipfile.ZipFile) -> None:
    """Raise ValueError for an archive that unpacks to very much more than its size."""
    for info in archive.infolist():
        is_bomb = info.file_size > _MOST_PACKED * max(info.compress_size, 1)
        if is_bomb and info.file_size > _HARMLESS:
            raise ValueError(
                f"{info.filename} has {info.compress_size:,} bytes and claims to unpack "
                f"to {info.file_size:,}"
            )


@contextmanager
def unpacking(path: Path, error: type[MistakeError]) -> Iterator[None]:
    """Turn whatever a library raises on a stranger's archive into an `error`."""
    try:
        yield
    except error:
        raise
    except Exception as problem:  # every parser below has dozens
        reason = str(problem) or type(problem).__name__
        raise error(
            f"{path} cannot be read ({reason}); it is cut off, too large or of another "
            "kind, copy it again"
        ) from problem


def _claimed(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Bytes of an array by its header; ValueError for more than the archive holds."""
    with archive.open(info) as member:
        shape, dtype = _declared(member)
    if dtype.hasobject:
        raise ValueError(f"{info.filename} holds Python objects")
    if min(shape, default=1) < 0 or not dtype.itemsize:
        raise ValueError(f"{info.filename} has shape {shape} of {dtype}")
    claimed = prod(shape) * dtype.itemsize
    if claimed > info.file_size:
        raise ValueError(
            f"{info.filename} claims {claimed:,} bytes and the archive holds "
            f"{info.file_size:,}"
        )
    return claimed


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> "Array":
    from numpy.lib import format as npy

    with archive.open(info) as member:
        found: Array = npy.read_array(member, allow_pickle=False)
    return found


def _declared(member: IO[bytes]) -> "tuple[tuple[int, ...], np.dtype[Any]]":
    """Shape and type in the header of an array."""
    from numpy.lib import format as npy

    read: dict[tuple[int, int], Callable[[IO[bytes]], Any]] = {
        (1, 0): npy.read_array_header_1_0,
        (2, 0): npy.read_array_header_2_0,
    }
    version = npy.read_magic(member)
    if version not in read:
        raise ValueError(f"arrays of version {version} are not read")
    shape, _, dtype = read[version](member)
    return shape, dtype
