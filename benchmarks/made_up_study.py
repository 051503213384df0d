"""A study folder with finished trials that nobody trained: input for a clock.

`python made_up_study.py FOLDER TRIALS` goes through the journal as a search does, trial
by trial. The accuracies mean nothing.
"""

import sys
from pathlib import Path

import numpy as np

from rexpand.budget import Budget
from rexpand.codec import to_content
from rexpand.data.catalogue import search_recipe_for
from rexpand.records import this_provenance
from rexpand.search.configuration import configurations_of
from rexpand.search.design import StudyDesign, create_study, drawn
from rexpand.search.stored import storage_of
from rexpand.spec import network

_SEEDS = 3


def main(folder: Path, trials: int) -> None:
    rng = np.random.default_rng(0)
    design = StudyDesign(
        spec=network("search_30"),
        data="cifar100",
        budget=Budget(macs=200e6, params=1e6),
        trials=trials,
        seeds=_SEEDS,
        recipe=search_recipe_for("cifar100"),
    )
    create_study(design, folder)
    with storage_of(folder) as storage:
        storage.add(configurations_of(drawn(design)), first=0)
        while trial := storage.take():
            accuracies = rng.normal(60, 2, _SEEDS).tolist()
            outcome = _outcome(accuracies, float(rng.normal(900, 50)))
            storage.complete(trial, sum(accuracies) / _SEEDS, outcome)


def _outcome(accuracies: list[float], nuclear_norm: float) -> dict[str, object]:
    """What `rexpand.search.course` keeps of a trial's records."""
    libraries = ("rexpand", "torch", "accelerate", "numpy")
    seeds = tuple(range(len(accuracies)))
    return {
        "seeds": list(seeds),
        "accuracies": accuracies,
        "evaluated_on": "validation",
        "nuclear_norm": nuclear_norm,
        "seconds": 100.0,
        "provenances": to_content([this_provenance(libraries, threads=1, seeds=seeds)]),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
