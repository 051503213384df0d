"""A fork of the warm process becomes the program, and ends as an interpreter would."""

import atexit
import ctypes
import os
import resource
import signal
import sys
import threading
import traceback
import types
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TextIO

from warm.isolation import drop_capabilities

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


@dataclass(frozen=True, kw_only=True)
class Program:
    """`rexpand` with these arguments, in a folder and an environment.

    `output` is the folder where its streams go, to the files out and err.
    """

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    output: str
    unprivileged: bool


def become(program: Program) -> NoReturn:
    """Run a program in this process, a fresh fork, and end."""
    code = 70
    try:
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        os.setsid()
        os.chdir(program.folder)
        os.environ.clear()
        os.environ.update(program.environment)
        _open_streams(program.output)
        # What multiprocessing would import again in each worker: nothing.
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.argv = ["rexpand", *program.arguments]
        sys.path[0] = str(Path.cwd())  # as of `python -m`
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if program.unprivileged:
            drop_capabilities()
        code = _exit_code()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _open_streams(output: str) -> None:
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, f"{output}/out", write),
        (2, f"{output}/err", write),
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = _stream(0, "r", "strict")
    sys.stdout = _stream(1, "w", "strict")
    sys.stderr = _stream(2, "w", "backslashreplace")


def _stream(number: int, mode: str, errors: str) -> TextIO:
    """A standard stream as Python opens it; stderr is written line by line."""
    return open(
        number,
        mode,
        buffering=1 if number == 2 else -1,
        encoding="utf-8",
        errors=errors,
        closefd=False,
    )


def _exit_code() -> int:
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
