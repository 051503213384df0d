"""What happens to freed memory: it is kept for the next step, or returned."""

import ctypes
import os
import platform

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
