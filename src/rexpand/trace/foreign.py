"""The wall around code that is not ours: a user's module, a library's constructor.

Whatever it raises is one error of ours that names the exception and where it was raised;
whatever it prints goes to stderr; what it changes for everybody is put back. A
crash of the interpreter itself (a segmentation fault, `os._exit`) passes this wall.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import cache
from types import FrameType
from typing import Any

import torch

from rexpand.errors import ForeignCodeError, MistakeError
from rexpand.trace.raised import in_brackets, raised_at, said

_STOPS = tuple(  # what ends a program from outside, where the system has it
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
)


@contextmanager
def foreign_code(what: str) -> Iterator[None]:
    """Run the block as code that is not ours; `what` begins the line if it fails.

    Raises ForeignCodeError for every exception, also for `sys.exit` and for a
    KeyboardInterrupt that the code raises itself. A MistakeError passes, and so does
    what a signal raises: Ctrl-C stops us as always, and says where the code was.
    """
    with _Signals() as signals, _one_process(), _printing_to_stderr(), _settings():
        try:
            yield
        except BaseException as error:
            if signals.raised is None:
                if isinstance(error, MistakeError):
                    raise
                raise ForeignCodeError(what, said(error)) from error
            if type(signals.raised) is KeyboardInterrupt:
                signals.raised.args = (f"while {what}{in_brackets(raised_at(error))}",)
        if signals.raised is not None:  # also where the code caught it
            raise signals.raised


class _Signals:
    """Tells what a signal raises from what code raises itself."""

    def __init__(self) -> None:
        self.raised: BaseException | None = None
        self._before: dict[int, Callable[[int, FrameType | None], object]] = {}

    def __enter__(self) -> "_Signals":
        if _is_main_thread():  # no other one gets signals
            for number in _STOPS:
                handler = signal.getsignal(number)
                if callable(handler):
                    self._before[number] = handler
                    signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        try:
            self._before[number](number, frame)
        except BaseException as raised:
            self.raised = raised
            raise


@contextmanager
def _one_process() -> Iterator[None]:
    """End a child that the code forked and let go: it would go on as a second one of us."""
    process = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != process:
            os._exit(1)


@contextmanager
def _printing_to_stderr() -> Iterator[None]:
    """Send stdout to stderr, also what C code and child processes write.

    Streams belong to the whole process: another thread than the main one leaves them.
    """
    if not _is_main_thread():
        yield
        return
    stdout, stderr = sys.stdout, sys.stderr
    kept = _duplicate(stdout)
    try:
        with redirect_stdout(_Shared(stderr)):
            yield
    finally:
        sys.stderr = stderr
        if kept is not None:
            _flush(stdout)
            os.dup2(kept, 1)
            os.close(kept)


class _Shared:
    """A stream that code may close as if it were its own, and that stays open."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def close(self) -> None: ...


def _duplicate(stdout: object) -> int | None:
    """Another descriptor of stdout, which becomes stderr; None where one is closed."""
    _flush(stdout)
    try:
        kept = os.dup(1)
    except OSError:
        return None
    with suppress(OSError):
        os.dup2(2, 1)
    return kept


def _flush(stdout: object) -> None:
    """Python's buffer and the C library's; a stream that is closed has none."""
    with suppress(AttributeError, ValueError):
        stdout.flush()  # type: ignore[attr-defined]
    if os.name == "posix":
        _c_library().fflush(None)


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


@contextmanager
def _settings() -> Iterator[None]:
    """Put back what is everybody's: torch's settings, a new seed, folder, stack.

    Random numbers that are only drawn stay drawn, as those of our own networks.
    """
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    has_gradients, threads = torch.is_grad_enabled(), torch.get_num_threads()
    seed, generator = torch.initial_seed(), torch.get_rng_state()
    folder, deepest = _current_folder(), sys.getrecursionlimit()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(has_gradients)
        if torch.get_default_device() != device:
            torch.set_default_device(None if device.type == "cpu" else device)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if torch.initial_seed() != seed:
            torch.set_rng_state(generator)
        sys.setrecursionlimit(deepest)
        if _is_main_thread() and folder and _current_folder() != folder:
            os.chdir(folder)


def _current_folder() -> str:
    """Empty where it was removed."""
    try:
        return os.getcwd()  # noqa: PTH109  # no object for a look
    except OSError:
        return ""


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
