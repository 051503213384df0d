"""The package as a stranger gets it: built, and installed where nothing else is.

Torch and the CUDA libraries that it brings, several GB that nobody changes here, are
linked from the environment of the tests. Everything else is resolved by pip.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LINKED = re.compile(r"torch|torchvision|triton|nvidia[-_].+|cuda[-_].+")
# Where Python looks for modules, and what would tell it of this checkout.
_OURS = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A virtual environment, and a folder in which its commands run."""

    place: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.place / "bin/python")

    @property
    def folder(self) -> Path:
        """Where its commands run: nothing of the repository is there."""
        return self.place / "work"

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What a command of the environment does, by its name in `bin`."""
        return self.run_any(str(self.place / "bin" / words[0]), *words[1:])

    def run_any(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What any program does there."""
        return subprocess.run(
            words,
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if k not in _OURS},
            capture_output=True,
            text=True,
            check=False,
        )

    def says(self, *words: str) -> str:
        """What a command prints that succeeds."""
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def install(self, *words: str) -> str:
        """What pip says while it installs something there."""
        return pip("--python", self.python, "install", *words)


def built(folder: Path) -> tuple[Path, Path]:
    """The wheel and the sdist; the wheel is made from the sdist, so that one is whole."""
    _call(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


def environment(folder: Path, python: str = sys.executable) -> Environment:
    """An empty environment of an interpreter, without even pip."""
    _call(python, "-m", "venv", "--without-pip", str(folder))
    found = Environment(place=folder)
    found.folder.mkdir()
    return found


def link_torch(into: Environment) -> Path:
    """Put torch as it is here into an environment of the same Python.

    Gives a file of constraints, by which pip leaves it as it is.
    """
    (packages,) = into.place.glob("lib/python*/site-packages")
    linked = [each for each in distributions() if _LINKED.fullmatch(each.name)]
    for each in linked:
        for top in _tops(each):
            if not (packages / top.name).exists():
                (packages / top.name).symlink_to(top)
    pinned = into.place / "linked.txt"
    pinned.write_text("".join(f"{each.name}=={each.version}\n" for each in linked))
    return pinned


def pip(*words: str) -> str:
    """What pip says."""
    return _call(sys.executable, "-m", "pip", *words)


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """A folder that one of the tests' processes makes, and the others wait for."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder.with_suffix(".done")
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


def _tops(found: Distribution) -> Iterator[Path]:
    """The files and folders of a distribution right in site-packages."""
    names = {each.parts[0] for each in found.files or () if each.parts[0] != ".."}
    for name in sorted(names - {"__pycache__"}):
        yield Path(str(found.locate_file(name)))


def _call(*words: str) -> str:
    """What a program prints that has to succeed; pip's own variables stay."""
    done = subprocess.run(
        words,
        env={k: v for k, v in os.environ.items() if k not in _OURS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout
