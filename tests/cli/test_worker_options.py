"""Where trainings run is checked before anything else happens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]
VERBS = [
    "search run --macs 500k",
    "rank factors",
    "train factors",
    "finetune search_18 --from-scratch",
    "upgrade mobilenetv2_100",
]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_that_trains_many_networks_takes_them(verb: str, say: Say) -> None:
    said = say(*verb.split(), "--out", "new", "--ray-address", "10.0.0.1:6379")

    assert said.code == 2
    assert said.err == (
        "rexpand: --ray-address '10.0.0.1:6379' is for workers on Ray; add --workers ray\n"
    )
    assert not Path("new").exists()


@pytest.mark.parametrize(
    ("typed", "said_of_it"),
    [
        ("--jobs 0", "--jobs is 0; give 1 to 256, or auto"),
        ("--jobs many", "--jobs is 'many'; give a whole number, 1 to 256, or auto"),
        ("--worker-threads 0", "--worker-threads is 0; give"),
        ("--workers dask", "--workers 'dask' is not one of 'local', 'ray'"),
        ("--workers ray --gpu-share 2", "--gpu-share is 2"),
        ("--gpu-share 0.5", "--gpu-share 0.5 is for workers on Ray; add --workers ray"),
        ("--workers ray --ray-address head", "'head' is no address of a Ray cluster;"),
    ],
)
def test_a_mistake_is_one_line(typed: str, said_of_it: str, say: Say) -> None:
    said = say("search", "run", "--macs", "500k", "--out", "new", *typed.split())

    assert said.code == 2
    assert said.err.startswith(f"rexpand: {said_of_it}")
    assert not Path("new").exists()
