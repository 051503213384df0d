"""The arrays of an .npz file, by their headers alone: nothing large is read for them.

An archive is a stranger's: its header may claim terabytes, or more than it holds.
"""

from collections.abc import Collection
from math import prod
from typing import IO, BinaryIO
from zipfile import ZipFile

import numpy as np

from rexpand.memory import usable_memory

_SUFFIX = ".npy"


def check_claims(stream: BinaryIO, names: Collection[str]) -> None:
    """Raise ValueError for arrays that claim more than the archive, or memory, holds."""
    claimed = 0
    with ZipFile(stream) as archive:
        stored = {member.filename: member for member in archive.infolist()}
        for name in names:
            member = stored.get(f"{name}{_SUFFIX}")
            if member is None:
                continue
            with archive.open(member) as header:
                size = _claimed(header)
            if size > member.file_size:
                raise ValueError(
                    f"{name} claims {size:,} bytes and the archive holds "
                    f"{member.file_size:,}"
                )
            claimed += size
    if claimed > usable_memory():
        raise ValueError(
            f"its arrays take {claimed / 1e9:,.1f} GB, and there are "
            f"{usable_memory() / 1e9:,.1f} GB of memory"
        )


def _claimed(header: IO[bytes]) -> int:
    """Bytes of an array by its .npy header; ValueError for one that is none."""
    version = np.lib.format.read_magic(header)
    if version == (1, 0):
        shape, _, kind = np.lib.format.read_array_header_1_0(header)
    elif version == (2, 0):
        shape, _, kind = np.lib.format.read_array_header_2_0(header)
    else:
        raise ValueError(f"an array is of version {version} of the .npy format")
    if min(shape, default=1) < 0 or kind.itemsize == 0:
        raise ValueError(f"an array has shape {shape} of {kind}")
    return prod(shape) * kind.itemsize
