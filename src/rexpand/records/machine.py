"""The machine and the libraries behind a number."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What a measured number depends on; `memory_gb` is installed memory in GiB."""

    cpu: str
    cores: int
    memory_gb: float
    system: str
    device: str = "cpu"


def this_machine(device: str = "cpu") -> Machine:
    """The machine that runs this process; cores are those the process may use."""
    return Machine(
        cpu=_cpu_name(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        memory_gb=_memory_gb(),
        system=f"{platform.system()} {platform.machine()}",
        device=device,
    )


def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Python's version and that of every named distribution that is installed."""
    versions = {"python": platform.python_version()}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float:
    try:
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return 0.0
    return round(pages * page / 2**30, 1)
