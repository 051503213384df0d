"""Ctrl-C, SIGTERM and a closed terminal stop a command alike.

All of them raise KeyboardInterrupt in the main thread, so that whoever knows how to go on
says so (`resumable`). The exit code is 128 and the signal's number, as shells have it: a
script then tells a stop, after which a command goes on, from a mistake.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any, Self

SAME_COMMAND = "the same command continues from the last checkpoint"
_SAME_STOP = 1.0  # seconds: `timeout` sends its signal twice
_STOPS = [signal.SIGINT, signal.SIGTERM]
if sys.platform != "win32":
    _STOPS.append(signal.SIGHUP)


@contextmanager
def resumable(how: str) -> Iterator[None]:
    """Tell whoever stops the block how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(how) from None


class Stopped(Exception):
    """A stop where a state is left from which a command goes on; says which command.

    Typer would take a KeyboardInterrupt for itself.
    """


class Stops(AbstractContextManager["Stops"]):
    """Turns signals into KeyboardInterrupt inside the `with`; `code` is the exit code.

    `raised` is the exception, which may have got a text on its way. Signals that are
    ignored (nohup) stay so. A second one, a second later, ends the process at once, in
    case the way out hangs; `clock` tells seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.code: int | None = None
        self.raised: KeyboardInterrupt | None = None
        self._clock = clock
        self._since = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in _STOPS:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.code is None:
            self.code, self._since = 128 + number, self._clock()
            self.raised = KeyboardInterrupt()
            raise self.raised
        if self._clock() - self._since > _SAME_STOP:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
