"""The command line in this process: for everything where a process is not the point."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from launching import free_port, launch
from rexpand.cli.main import run_typed
from warm.programs import Programs, Running


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]
Start = Callable[..., list[Running]]


@pytest.fixture
def say(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Say:
    """Run a command in an empty folder, and see what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, ""])

    def say(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            run_typed(arguments)
        said = capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Said(code=code, out=said.out, err=said.err)

    return say


@pytest.fixture
def start(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a command in two processes, the main one first in the list."""
    monkeypatch.setenv("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))

    def started(*typed: str) -> list[Running]:
        port, running = free_port(), []
        for process in (0, 1):
            with monkeypatch.context() as environment:
                launch(environment, process, port)
                running.append(programs.start(*typed))
        return running

    return started
