"""Where a number comes from: command, code, libraries, machine, seeds and data."""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from rexpand.records.machine import Machine, library_versions, this_machine


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a record depends on besides what it says; None is what was not recorded.

    `commit` is that of the checkout that rexpand runs from, None for an installed wheel;
    `has_changes` tells whether the package differed from it. `threads` are those of the
    framework that computed, in each of the `processes` that it ran in.
    `data_fingerprint` is a hash of the images and labels.
    """

    command: tuple[str, ...] | None
    commit: str | None
    has_changes: bool | None
    versions: Mapping[str, str]
    machine: Machine
    threads: int | None
    seeds: tuple[int, ...] | None
    data_fingerprint: str | None
    processes: int = 1


def this_provenance(
    libraries: Sequence[str],
    *,
    threads: int | None,
    device: str = "cpu",
    seeds: tuple[int, ...] = (),
    data_fingerprint: str | None = None,
    processes: int = 1,
) -> Provenance:
    """The provenance of what this process computes with these libraries."""
    commit, has_changes = _checkout()
    return Provenance(
        command=_command(),
        commit=commit,
        has_changes=has_changes,
        versions=library_versions(libraries),
        machine=this_machine(device),
        threads=threads,
        seeds=seeds,
        data_fingerprint=data_fingerprint,
        processes=processes,
    )


def merged(provenances: Iterable[Provenance]) -> tuple[Provenance, ...]:
    """Those that differ in more than their seeds, each once, with the seeds of all."""
    seeds: list[tuple[Provenance, set[int]]] = []
    for each in provenances:
        alike = replace(each, seeds=())
        known = next((found for one, found in seeds if one == alike), None)
        if known is None:
            seeds.append((alike, known := set()))
        known.update(each.seeds or ())
    return tuple(replace(one, seeds=tuple(sorted(found))) for one, found in seeds)


def _command() -> tuple[str, ...]:
    """The command line; the program by its name, wherever it is installed."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.stem == "__main__" else program.name
    return (name, *sys.argv[1:])


@cache
def _checkout() -> tuple[str | None, bool | None]:
    """The commit of the checkout that holds this file, and whether that was changed."""
    package = Path(__file__).parents[1]
    # A wheel may lie in the environment of somebody's own repository, untracked.
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None, None
    changes = _git(package, "status", "--porcelain", "--", ".")
    return _git(package, "rev-parse", "HEAD"), bool(changes)


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers in a folder; None if it fails or is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
