"""Where cases are run: a world, a fresh copy of it for each case, and the warm process."""

import os
import shutil
import stat
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from fuzz.case import Case
from fuzz.damage import damaged
from fuzz.promise import broken_by, cause, files_of
from fuzz.warm import Done, Warm
from fuzz.world import make_world


class Field(AbstractContextManager["Field"]):
    """Runs cases in a folder that it fills."""

    def __init__(self, folder: Path) -> None:
        self._warm = Warm(folder / "warm")
        self._case = folder / "case"
        self.world = folder / "world"
        make_world(self.world, self._warm)

    def __exit__(self, *exception: object) -> None:
        self._warm.__exit__(*exception)

    def broken_promises(self, case: Case) -> list[str]:
        """What the case breaks, each as one line; nothing if the promise holds."""
        return self.tried(case)[1] if self._is_safe(case) else []

    def tried(self, case: Case) -> tuple[Done, list[str]]:
        """Run a case: how it ended, and what it broke."""
        self._prepare(case)
        before = files_of(self._case)
        done = self._warm.run(case, self._case)
        return done, [*broken_by(case, done, before, files_of(self._case))]

    def run(self, case: Case) -> Done:
        """Run a case."""
        self._prepare(case)
        return self._warm.run(case, self._case)

    def cause_of(self, case: Case) -> str:
        """Where the failure of a case comes from: the last place of its traceback."""
        shown = replace(case, arguments=("--traceback", *case.arguments))
        return cause(self.run(shown).err)

    def _is_safe(self, case: Case) -> bool:
        """Whether root could not replace a device of this machine by it."""
        named = any(word.startswith("/dev") for word in case.arguments)
        return self._warm.isolated or os.geteuid() != 0 or not named

    def _prepare(self, case: Case) -> None:
        """A fresh copy of the world, damaged as the case says."""
        shutil.rmtree(self._case, ignore_errors=True)
        shutil.copytree(self.world, self._case, symlinks=True, copy_function=_copied)
        (self._case / "full").symlink_to(self._warm.full)
        self._warm.fill()
        if case.damage:
            damaged(self._case, case.damage)


def _copied(source: str, target: str) -> None:
    if stat.S_ISFIFO(os.lstat(source).st_mode):
        os.mkfifo(target)
    else:
        shutil.copyfile(source, target)
        shutil.copymode(source, target)
