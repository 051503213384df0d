"""A process whose programs change no machine: its own mounts and network, no rights."""

import ctypes
from pathlib import Path

GB = 1 << 30
_TOLD_MEMORY = 2 * GB  # the limit of a container, as the program reads it
_GROUPS = Path("/sys/fs/cgroup")
_LIBC = ctypes.CDLL(None, use_errno=True)


def isolate(full: Path) -> bool:
    """Own mounts, devices that cannot be replaced, a full disk, no network, little memory.

    Whether it could be done: only root can. The full disk is at `full`.
    """
    new_mounts, new_network = 0x00020000, 0x40000000
    recursive, bind, private, remount, read_only = 16384, 4096, 1 << 18, 32, 1
    if _LIBC.unshare(new_mounts | new_network):
        return False
    _LIBC.mount(b"none", b"/", None, recursive | private, None)
    _LIBC.mount(b"/dev", b"/dev", None, bind | recursive, None)
    _LIBC.mount(b"none", b"/dev", None, bind | remount | read_only, None)
    place = str(full).encode()
    _LIBC.mount(b"tmpfs", place, b"tmpfs", 0, b"size=64k")
    _LIBC.mount(b"tmpfs", str(_GROUPS).encode(), b"tmpfs", 0, b"size=64k")
    (_GROUPS / "memory.max").write_text(str(_TOLD_MEMORY))
    return True


def drop_capabilities() -> None:
    """Root then meets permissions as everybody does."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    _LIBC.capset(header, none)
