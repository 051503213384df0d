"""The memory of this process: how much it may use, and what happens to freed memory."""

import ctypes
import os
import platform
import resource
from collections.abc import Iterator
from contextlib import suppress
from errno import ENOMEM
from pathlib import Path

from rexpand.errors import MistakeError, TooLargeError

_GIB = 2**30

# mallopt's parameters (malloc.h of the GNU C library).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4


def keep_freed_memory() -> bool:
    """Tell the C library to keep freed memory; returns whether it could.

    Every training step frees and allocates the same large maps, and on a CPU the kernel
    spends a third of the step on filling them with zeros: search_18 at batch 128 goes
    from 0.7 to 0.45 s on two cores. The setting holds for the whole process, so only
    the program that owns it should call this. Peak memory grows by about a third.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    most = 2**31 - 1
    return bool(
        library.mallopt(_MMAP_MAX, 0) and library.mallopt(_TRIM_THRESHOLD, most)
    )


def return_freed_memory() -> bool:
    """Tell the C library to return large maps at once; returns whether it could.

    A study trains networks of many widths, and memory kept for one does not fit the
    next: with memory kept, the peak of a search grew from 1.7 to 2.0 GB in twenty
    trials. Huge pages reduce the kernel's part of a step; torch uses them if the
    variable is set before the import. search_18 then takes a third longer than with
    memory kept.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    if platform.libc_ver()[0] != "glibc":
        return False
    return bool(ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 4 * 2**20))


def usable_memory() -> int:
    """Bytes that this process may use: of the machine, its control group, its limits."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    limits += _control_group_limits()
    limits += _limit_of_addresses()
    return min(limits)


def check_addresses(what: str, needed: int) -> None:
    """Raise MistakeError if `ulimit -v` leaves this process fewer addresses than that.

    It counts addresses, which need no memory until something is written there.
    """
    for limit in _limit_of_addresses():
        if limit < needed:
            raise MistakeError(
                f"{what} reserves {needed / _GIB:,.0f} GiB of addresses, and this process "
                f"may have {limit / _GIB:,.1f}; run it after: ulimit -v unlimited"
            )


def _limit_of_addresses() -> list[int]:
    """The limit that `ulimit -v` sets, if it does."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return [] if soft == resource.RLIM_INFINITY else [soft]


def _control_group_limits() -> Iterator[int]:
    """The limits of the process's control group and of the groups around it (Linux).

    Version 2 has one tree, version 1 one for memory; in a container the group's own
    path may lie outside of what is mounted.
    """
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds not in ("", "memory"):
                continue
            root = Path("/sys/fs/cgroup", kinds)
            file = "memory.limit_in_bytes" if kinds else "memory.max"
            group = root / path.strip("/")
            for folder in (group, *group.parents):
                if folder.is_relative_to(root):
                    with suppress(OSError, ValueError):  # "max" is no number
                        yield int((folder / file).read_text())


def is_exhaustion(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice: Python's, the system's, torch's.

    Torch's is a RuntimeError, of a class of its own on a GPU.
    """
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == ENOMEM
    said = str(error)
    return isinstance(error, RuntimeError) and (
        "can't allocate memory" in said or "out of memory" in said
    )


def check_memory(
    what: str, needed: float, way_out: str, most: float | None = None
) -> None:
    """Raise TooLargeError if `what` needs more bytes than this process, or `most`, has."""
    allowed = usable_memory() if most is None else most
    if needed > allowed:
        raise TooLargeError(
            f"{what} needs at least {needed / _GIB:,.1f} GiB of memory, and there is "
            f"{allowed / _GIB:,.1f}; {way_out}"
        )
