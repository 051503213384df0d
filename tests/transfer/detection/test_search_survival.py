"""A search of detectors whose driver is killed for real ends as one that was not."""

import json
import shlex
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotated import write_coco
from rexpand.spec import network_to_toml
from shapes import SPEC
from warm.programs import Programs

pytestmark = pytest.mark.slow

ASKED = (
    "search run --network {0}/small.toml --data {0}/data --detector ssdlite "
    "--resolution 64 --detector-set extra_channels=[32] --macs 3M --trials 3 --seeds 2 "
    "--epochs 4 --batch-size 4 --jobs {1} --worker-threads 1 --out {0}/{2}"
)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Annotated images, and the spec of a small network."""
    write_coco(tmp_path / "data", {"train": 20, "val": 3}, height=64, width=64)
    (tmp_path / "small.toml").write_text(network_to_toml(SPEC))
    return tmp_path


def asked(world: Path, jobs: int, name: str) -> list[str]:
    return shlex.split(ASKED.format(world, jobs, name))


def killed_when(
    programs: Programs, condition: Callable[[], bool], arguments: list[str]
) -> None:
    """Start the program, and kill it the moment that a condition holds."""
    process = programs.start(*arguments)
    while not condition():
        assert process.poll() is None, "the search ended before it could be killed"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def outcome(folder: Path, programs: Programs) -> list[tuple[Any, ...]]:
    study = json.loads(programs.succeed("search", "report", str(folder), "--json"))
    names = ("number", "channels", "state", "seeds", "accuracies")
    return [tuple(trial[name] for name in names) for trial in study["trials"]]


def weights(folder: Path) -> dict[str, bytes]:
    paths = folder.glob("trials/*/*/detector.safetensors")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.kernels
def test_killed_three_times_with_two_jobs_it_is_the_study_of_one_job(
    programs: Programs, world: Path
) -> None:
    whole, killed = world / "whole", world / "killed"
    programs.succeed(*asked(world, 1, "whole"))

    # Once while the configurations are queued, once inside a training, once between.
    run = asked(world, 2, "killed")
    killed_when(programs, (killed / "journal.log").exists, run)
    states = "trials/*/*/state.safetensors"
    killed_when(programs, lambda: any(killed.glob(states)), run)
    records = "trials/*/*/record.json"
    killed_when(programs, lambda: len([*killed.glob(records)]) >= 3, run)
    before = {path: path.read_bytes() for path in killed.glob(records)}
    programs.succeed(
        "search", "resume", str(killed), "--jobs", "2", "--worker-threads", "1"
    )

    # No trial is lost, and the numbers and the weights are the undisturbed run's.
    assert outcome(killed, programs) == outcome(whole, programs)
    assert weights(killed) == weights(whole)
    assert len(weights(killed)) == 6
    # What had been trained to its end is not trained again.
    assert {path: path.read_bytes() for path in before} == before
