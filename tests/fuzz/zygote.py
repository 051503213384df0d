"""The warm process: it has imported everything, and every case is one fork of it.

It reads one JSON object per line from stdin (`arguments`, `folder`, `output`,
`interrupt_after`) and answers with one on stdout. Run as root it first takes mounts and
network of its own, so that no case changes the machine's devices or asks a server; a
case itself runs without any of root's capabilities.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import time
import traceback
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

GB = 1 << 30
MEMORY = 3 * GB
_TOLD_MEMORY = 2 * GB  # the limit of a container, as the program reads it
_GROUPS = Path("/sys/fs/cgroup")
CPU_SECONDS = 60.0
IDLE_SECONDS = 20.0  # without any use of a processor: it hangs
WALL_SECONDS = 300.0  # a case that others keep from the processor
GRACE_SECONDS = 5.0  # for the helpers of multiprocessing, after their parent's end
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LIBC = ctypes.CDLL(None, use_errno=True)
# What the verbs import when they need it, beyond the modules of rexpand.
_LAZY = (
    "altair",
    "accelerate",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "optuna",
    "optuna.samplers",
    "optuna.storages",
    "optuna.storages.journal",
    "PIL.Image",
    "safetensors.numpy",
    "safetensors.torch",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.datasets",
    "timm",
    "timm.optim",
    "timm.scheduler",
    "timm.utils",
    "torch._dynamo",
    "torch.utils.flop_counter",
    "torchvision",
    "torchvision.models",
    "torchvision.transforms.v2",
)


class _Blank(types.ModuleType):
    """A renderer whose figures are blank."""

    def __init__(self) -> None:
        super().__init__("vl_convert")

    def vegalite_to_svg(self, spec: object, vl_version: str) -> str:
        return "<svg/>"

    def svg_to_png(self, svg: str, scale: float) -> bytes:
        return b"PNG"

    def svg_to_pdf(self, svg: str) -> bytes:
        return b"PDF"

    def javascript_bundle(self, vl_version: str) -> str:
        return ""


@dataclass
class Use:
    """What a tree of processes has used: peak memory in bytes, seconds of processors."""

    memory: int = 0
    cpu: float = 0.0


def main() -> None:
    # A shell's background job ignores Ctrl-C, and so would every case.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    full = Path(sys.argv[1])
    isolated = _isolate(full)
    sys.path.append("")
    for module in pkgutil.walk_packages(_rexpand_path(), "rexpand."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _LAZY:
        importlib.import_module(name)
    _warm_types()
    _LIBC.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans come here
    gc.collect()
    gc.freeze()  # what was imported is shared by every fork
    answers = os.fdopen(os.dup(1), "w")
    print(json.dumps({"isolated": isolated}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_case(**json.loads(line))), file=answers, flush=True)


def _rexpand_path() -> list[str]:
    import rexpand

    return [*rexpand.__path__]


def _warm_types() -> None:
    from PIL import Image

    Image.init()


def _isolate(full: Path) -> bool:
    """Own mounts, devices that cannot be replaced, a full disk at `full`, no network, little memory."""
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


def _case(
    arguments: list[str],
    folder: str,
    output: str,
    draws: bool,
    interrupt_after: float | None,
) -> dict[str, object]:
    started = time.monotonic()
    child = os.fork()
    if not child:
        _run(arguments, folder, output, draws)
    use, ended, status = _watched(child, interrupt_after)
    left = _remaining(child)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "ended": ended,
        "memory": use.memory,
        "cpu": use.cpu,
        "seconds": time.monotonic() - started,
        "left": left,
    }


def _run(arguments: list[str], folder: str, output: str, draws: bool) -> None:
    """In the child: become the program, run it, and end as an interpreter would."""
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        # What multiprocessing would import again in each worker: nothing.
        sys.modules["__main__"] = types.ModuleType("__main__")
        for number, name, mode in (
            (0, "/dev/null", "r"),
            (1, "out", "w"),
            (2, "err", "w"),
        ):
            path = name if number == 0 else f"{output}/{name}"
            flags = (
                os.O_RDONLY if mode == "r" else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            )
            opened = os.open(path, flags, 0o644)
            os.dup2(opened, number)
            os.close(opened)
        sys.stdin = _stream(0, "r", "strict")
        sys.stdout = _stream(1, "w", "strict")
        sys.stderr = _stream(2, "w", "backslashreplace")
        sys.argv = ["rexpand", *arguments]
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not draws:
            sys.modules["vl_convert"] = _Blank()
        _drop_capabilities()
        code = _program()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _stream(number: int, mode: str, errors: str) -> TextIO:
    """A standard stream as Python opens it."""
    return os.fdopen(number, mode, encoding="utf-8", errors=errors, closefd=False)


def _program() -> int:
    import atexit
    import threading

    from rexpand.cli.main import run

    code = 0
    try:
        run()
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            code = leaving.code or 0
        else:
            print(leaving.code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stderr.flush()
    try:
        sys.stdout.flush()
    except OSError:
        code = 120
    return code & 0xFF


def _drop_capabilities() -> None:
    """Root then meets permissions as everybody does."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    _LIBC.capset(header, none)


def _watched(child: int, interrupt_after: float | None) -> tuple[Use, str, int]:
    """Wait for the child within the limits; its use, how it ended, its wait status."""
    started = time.monotonic()
    use, ended = Use(), "exit"
    busy, busy_at, scanned = 0.0, started, started
    pause = 0.001
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            use.memory = max(use.memory, usage.ru_maxrss * 1024)
            use.cpu = max(use.cpu, usage.ru_utime + usage.ru_stime)
            return use, ended, status
        now = time.monotonic()
        late = interrupt_after is not None and now - started > interrupt_after
        if late and now - busy_at < 1.0:  # what waits for nothing hangs, at work or not
            interrupt_after = None
            ended = "interrupted"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGINT)
        every = now - scanned > 0.25
        memory, cpu, waits = _measure(_members(child) if every else [child])
        use.memory = max(use.memory, memory)
        if every:
            scanned = now
            use.cpu = max(use.cpu, cpu)
            if cpu - busy > 0.05 or not waits:
                busy, busy_at = cpu, now
        broken = (
            "memory" * (memory > MEMORY)
            or "cpu" * (use.cpu > CPU_SECONDS)
            or "hang" * (now - busy_at > IDLE_SECONDS)
            or "wall" * (now - started > WALL_SECONDS)
        )
        if broken:
            ended = broken
            for pid in [child, *_members(child)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.03)


def _members(session: int) -> list[int]:
    """The processes of a session that live."""
    every = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
    return [pid for pid in every if _stat(pid)[3:4] == [str(session)]]


def _measure(pids: list[int]) -> tuple[int, float, bool]:
    """Bytes and seconds of processes, and whether all of them wait for something."""
    found = [fields for pid in pids if (fields := _stat(pid))]
    memory = sum(int(each[21]) for each in found) * _PAGE
    cpu = sum(int(each[11]) + int(each[12]) for each in found) / _TICKS
    return memory, cpu, all(each[0] in "ST" for each in found)


def _stat(pid: int) -> list[str]:
    """The fields of a living process from its state on; none of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] in "ZX" else fields


def _remaining(session: int) -> list[str]:
    """The commands of processes that outlive their parent; they are ended."""
    until = time.monotonic() + GRACE_SECONDS
    while (pids := _members(session)) and time.monotonic() < until:
        time.sleep(0.02)
    names = []
    for pid in pids:
        with contextlib.suppress(OSError):
            names.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return names


if __name__ == "__main__":
    main()
