"""What a latency depends on in a machine, as far as the system tells it."""

from contextlib import suppress
from pathlib import Path

from rexpand.latency.pinning import processors
from rexpand.records import Fingerprint

# Those that decide which kernels run, as Linux names them on x86 and on ARM.
_SETS = (
    *("sse4_2", "avx", "fma", "avx2", "avx_vnni", "avx512f", "avx512_vnni"),
    *("avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8"),
    *("asimd", "asimdhp", "asimddp", "i8mm", "bf16", "sve", "sve2"),
)
_ROOT = Path("/")


def fingerprint(root: Path = _ROOT) -> Fingerprint:
    """The processors of this process; `root` is where the system's files are."""
    used = processors()
    folder = root / f"sys/devices/system/cpu/cpu{used[0]}"
    flags = _flags(root)
    hertz = _number(folder / "cpufreq/cpuinfo_max_freq")
    return Fingerprint(
        processors=len(used),
        cores=len({_text(root / _siblings(each)) or each for each in used}),
        instruction_sets=tuple(each for each in _SETS if each in flags),
        governor=_text(folder / "cpufreq/scaling_governor"),
        most_mhz=None if hertz is None else hertz / 1e3,
        caches=_caches(folder / "cache"),
        is_virtual="hypervisor" in flags,
    )


def _siblings(processor: int) -> str:
    return f"sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list"


def _flags(root: Path) -> set[str]:
    for line in (_text(root / "proc/cpuinfo") or "").splitlines():
        name, _, flags = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return set(flags.split())
    return set()


def _caches(folder: Path) -> tuple[str, ...]:
    """L1d 32K, L2 1024K, L3 32768K."""
    found = []
    for each in sorted(folder.glob("index*")):
        level, kind, size = (_text(each / name) for name in ("level", "type", "size"))
        if level and size and kind != "Instruction":
            found.append(f"L{level} {size}")
    return tuple(found)


def _text(path: Path) -> str | None:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text().strip()
    return None


def _number(path: Path) -> float | None:
    with suppress(ValueError):
        return float(_text(path) or "")
    return None
