"""Programs as the tests start them: `rexpand` with its arguments, forked warm.

A fresh process imports torch for seconds. A fork of one that has done so is the same
program for whoever runs, stops or kills it; where the start is the point (what is
imported, the terminal's alphabet, standard streams), tests start a fresh one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from warm.child import Program

_TESTS = Path(__file__).parents[1]
_SERVE = (
    "import sys; sys.path.insert(1, {tests!r}); from warm.zygote import main; "
    "sys.path.remove({tests!r}); from pathlib import Path; main({full})"
)
# Libraries, and Python itself, read these when they are loaded.
_READ_AT_START = ("ATEN_", "DNNL_", "LANG", "LC_", "MKL_", "OMP_", "PYTHON")


class Zygote(AbstractContextManager["Zygote"]):
    """The warm process: one order, one answer. `full` is where an isolated one has a
    full disk."""

    def __init__(
        self, environment: Mapping[str, str], full: Path | None = None
    ) -> None:
        self.environment = dict(environment)
        place = f"Path({str(full)!r})" if full else "None"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE.format(tests=str(_TESTS), full=place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
        )
        self.process = self._process.pid
        self.is_isolated = bool(self._answer()["isolated"])

    def start(self, program: Program, *, draws: bool = True) -> int:
        """Start a program; its process."""
        at_start = [
            _read_at_start(it) for it in (program.environment, self.environment)
        ]
        assert at_start[0] == at_start[1], "a fresh process has to read these"
        return int(self.ask(start=asdict(program), draws=draws)["process"])

    def ask(self, **order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its streams, and so ends it
            pass

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the warm process ended"
        return json.loads(line)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_READ_AT_START)
    }


class Running:
    """A program that was started; used as a `subprocess.Popen` with both streams piped."""

    def __init__(self, zygote: Zygote, process: int, output: Path) -> None:
        self.pid = process
        self.returncode: int | None = None
        self._zygote, self._output = zygote, output

    @property
    def out(self) -> str:
        """What it has printed so far."""
        return (self._output / "out").read_text("utf-8", errors="replace")

    @property
    def err(self) -> str:
        """What it has said on stderr so far."""
        return (self._output / "err").read_text("utf-8", errors="replace")

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._zygote.ask(code=self.pid)["code"]
        return self.returncode

    def wait(self, timeout: float = 600) -> int:
        deadline = time.monotonic() + timeout
        pause = 0.001
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("rexpand", timeout)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.03)
        return code

    def communicate(self, timeout: float = 600) -> tuple[str, str]:
        self.wait(timeout)
        return self.out, self.err

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Programs(AbstractContextManager["Programs"]):
    """Starts `rexpand` as often as tests like, from one warm process.

    It is made when the first is asked for; what programs print goes below `folder`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._zygote: Zygote | None = None

    def start(self, *arguments: str, folder: Path | None = None) -> Running:
        """Start the program in a folder, with the environment of now."""
        if self._zygote is None:
            self._zygote = Zygote(os.environ)
        output = self._folder / str(next(self._numbers))
        output.mkdir()
        for name in ("out", "err"):  # there before the program is
            (output / name).touch()
        program = Program(
            arguments=[*arguments],
            folder=str(folder or Path.cwd()),
            environment=dict(os.environ),
            output=str(output),
            unprivileged=False,
        )
        return Running(self._zygote, self._zygote.start(program), output)

    def run(
        self, *arguments: str, folder: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run the program to its end."""
        running = self.start(*arguments, folder=folder)
        out, err = running.communicate()
        code = running.wait()
        return subprocess.CompletedProcess([*arguments], code, out, err)

    def succeed(self, *arguments: str) -> str:
        """Run the program, which must end well; what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def __exit__(self, *exception: object) -> None:
        if self._zygote:
            self._zygote.__exit__(*exception)
