"""The warm process as seen from the tests: run a command line, hear how it ended."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from fuzz.case import Case

_INTERRUPT_AFTER = 4.0  # seconds of a long work until Ctrl-C


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended.

    `ended` is exit, interrupted (by Ctrl-C), or the limit that it broke: memory, cpu,
    hang or wall; `left` are processes that outlived it.
    """

    code: int
    ended: str
    out: str
    err: str
    memory: int
    cpu: float
    seconds: float
    left: tuple[str, ...]


class Warm(AbstractContextManager["Warm"]):
    """A process that has imported everything and forks for each command.

    `folder` is its own: it holds the output of commands and the full disk.
    """

    def __init__(self, folder: Path) -> None:
        self._output = folder / "output"
        self.full = folder / "full"
        for each in (self._output, self.full):
            each.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "zygote.py"), str(self.full)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(folder),
        )
        self.isolated = bool(self._answer()["isolated"])

    def run(self, case: Case, folder: Path) -> Done:
        """Run a case in a folder."""
        asked = {
            "arguments": [*case.arguments],
            "folder": str(folder),
            "output": str(self._output),
            "draws": case.draws,
            "interrupt_after": _INTERRUPT_AFTER if case.interrupted else None,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        found = self._answer()
        texts = (self._output / name for name in ("out", "err"))
        out, err = (text.read_text("utf-8", errors="replace") for text in texts)
        left = tuple(found.pop("left"))
        return Done(out=out, err=err, left=left, **found)

    def fill(self) -> None:
        """Empty the full disk of everything but what fills it."""
        inside = self._seen_from_inside
        for entry in inside.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        with contextlib.suppress(OSError), (inside / "filler").open("wb") as file:
            file.write(bytes(1 << 16))

    @property
    def _seen_from_inside(self) -> Path:
        """The full disk, which only the warm process has mounted."""
        if not self.isolated:
            return self.full
        return Path(f"/proc/{self._process.pid}/root{self.full}")

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its streams, and so ends it
            pass

    def _answer(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the warm process ended"
        return json.loads(line)


def _environment(folder: Path) -> dict[str, str]:
    """One thread, no server, no data of this machine, a home of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REXPAND_", "COV_", "PYTEST_"))
    }
    threads = ("OMP", "OPENBLAS", "MKL")
    nowhere = "http://127.0.0.1:9"
    return {
        **kept,
        **{f"{name}_NUM_THREADS": "1" for name in threads},
        "HOME": str(folder),
        "TORCH_HOME": str(folder / "torch"),
        "HF_HOME": str(folder / "hub"),
        "HF_HUB_OFFLINE": "1",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "TMPDIR": str(folder),
        "COLUMNS": "200",
    }
