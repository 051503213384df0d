"""A study within a real limit of memory: `python memory_limited.py FOLDER`.

Prints a line of JSON for each of three drivers, each a process and a study of its own:
one without a limit, one that has enough memory for checkpointing only, and one that has
far too little. The limits are shares of what the first one took.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import optuna  # noqa: F401  what a search imports, before its addresses are counted
import timm.optim  # noqa: F401
import torch

from rexpand.budget import Budget
from rexpand.errors import RunError
from rexpand.memory import return_freed_memory
from rexpand.recipe import RECIPES
from rexpand.search.design import StudyDesign, create_study
from rexpand.search.driver import search
from rexpand.search.studies import design_study
from rexpand.search.summary import summarise
from rexpand.search.workers import InProcess, Nobody


class Heard(Nobody):
    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, message: str) -> None:
        self.told.append(message)


def main(folder: Path) -> None:
    return_freed_memory()  # as the command does
    torch.set_num_threads(1)
    recipe = replace(RECIPES["digits"].with_epochs(1), batch_size=128)
    design, _ = design_study(
        "search_18",
        Budget(macs=30e6),
        data="digits",
        trials=1,
        seeds=1,
        recipe=recipe,
        resolution=32,
        train_subset=128,
    )
    peak = apart(lambda: driven(design, folder / "whole"))["peak"]
    for share in (0.8, 0.2):
        limit = int(share * peak)
        apart(lambda: driven(design, folder / f"{share:.0%}", limit))  # noqa: B023


def apart(work: Callable[[], dict[str, object]]) -> dict[str, int]:
    """What a process of its own finds, which is printed too."""
    to_read, to_write = os.pipe()
    child = os.fork()
    if not child:
        os.write(to_write, json.dumps(work()).encode())
        os._exit(0)
    os.close(to_write)
    with os.fdopen(to_read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    print(said, flush=True)
    return json.loads(said)


def driven(
    design: StudyDesign, folder: Path, more: int | None = None
) -> dict[str, object]:
    """What came out of a driver that may have so many bytes more than it has."""
    before, heard, error = addresses("VmSize"), Heard(), None
    create_study(design, folder)
    if more is not None:
        resource.setrlimit(resource.RLIMIT_AS, (before + more, resource.RLIM_INFINITY))
    try:
        search(design, folder, InProcess(), heard)
    except RunError as failed:
        error = str(failed)
    (trial,) = summarise(folder).trials
    return {
        "peak": addresses("VmPeak") - before,
        "error": error,
        "told": heard.told,
        "state": trial.state,
        "accuracies": trial.accuracies,
    }


def addresses(name: str) -> int:
    """Bytes of this process by a name of the kernel's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith(name))
    return 1024 * int(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
