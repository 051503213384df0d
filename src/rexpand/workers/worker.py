"""A worker process from outside: what it is asked, and how it may die."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from rexpand.workers.messages import Done, Failed, Told, receive, send
from rexpand.workers.pool import Tell, WorkerDied

_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from {module} import main; main({driver})"
)


def program_of(module: str) -> list[str]:
    """The command that runs the `main` of a module with this process's path and id."""
    code = _PROGRAM.format(path=sys.path, module=module, driver=os.getpid())
    return [sys.executable, "-c", code]


class Worker:
    """A process that runs one task at a time.

    It must be made in the thread that goes on using it, with SIGINT held there.
    """

    def __init__(self, work: Callable[[Any, Tell], Any], begin: Callable[[], None]):
        self._process = subprocess.Popen(
            program_of("rexpand.workers.child"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._first: object = (sys.argv, work, begin)

    def run(self, task: Any, tell: Tell) -> Done | Failed:
        """What became of a task. Raises WorkerDied if the process ended.

        After any exception the worker is of no more use.
        """
        try:
            if self._first:
                send(self._orders, self._first)
                self._first = None
            send(self._orders, task)
            while isinstance(answer := receive(self._answers), Told):
                tell(answer.event)
        except (EOFError, BrokenPipeError):
            raise WorkerDied(how_ended(self._process)) from None
        assert isinstance(answer, Done | Failed)
        return answer

    def end(self) -> None:
        """End the process at once; what it was doing goes on from its last whole epoch."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the process and free its pipes, in the thread that uses it."""
        self.end()
        for pipe in (self._orders, self._answers):
            with suppress(OSError):
                pipe.close()

    @property
    def _orders(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout


def how_ended(process: "subprocess.Popen[bytes]") -> str:
    """How a process ended that has closed its pipes."""
    code = process.wait()
    if code == -signal.SIGKILL:
        return "killed, perhaps for want of memory"
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
