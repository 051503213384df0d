"""The warm process as the attack uses it: programs that harm nothing, within limits."""

import contextlib
import os
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from fuzz.case import Case
from warm.child import Program
from warm.programs import Zygote

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
    """Runs cases. `folder` is its own: it holds their output and the full disk."""

    def __init__(self, folder: Path) -> None:
        self._output = folder / "output"
        self.full = folder / "full"
        for each in (self._output, self.full):
            each.mkdir(parents=True, exist_ok=True)
        self._zygote = Zygote(_environment(folder), self.full)
        self.isolated = self._zygote.is_isolated

    def run(self, case: Case, folder: Path) -> Done:
        """Run a case in a folder."""
        program = Program(
            arguments=[*case.arguments],
            folder=str(folder),
            environment=self._zygote.environment,
            output=str(self._output),
            unprivileged=True,
        )
        process = self._zygote.start(program, draws=case.draws)
        after = _INTERRUPT_AFTER if case.interrupted else None
        found = self._zygote.ask(within_limits=process, interrupt_after=after)
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
        return Path(f"/proc/{self._zygote.process}/root{self.full}")

    def __exit__(self, *exception: object) -> None:
        self._zygote.__exit__(*exception)


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
