"""The command line in this process: for everything where a process is not the point."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rexpand.cli.main import run_typed


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


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
