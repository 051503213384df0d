"""Whatever is killed whenever: the study ends with the bits of one that nobody disturbed.

The moments are drawn from fixed seeds; what is done by then depends on the machine.
"""

import os
import random
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from disturbing import (
    Moment,
    kept,
    latest,
    moments,
    outcome,
    reached,
    stopped_at,
    workers,
)
from warm.programs import Programs

STUDY = shlex.split(
    "search run --data digits --network search_18 --macs 500k "
    "--trials 4 --seeds 2 --epochs 3 --train-subset 200 --out"
)
WEIGHTS, RECORD, STATE = "network.safetensors", "record.json", "state.safetensors"
TWO_JOBS = ("--jobs", "2")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the study that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole") / "study"
    programs.succeed(*STUDY, str(folder))
    return folder


def assert_undisturbed(folder: Path, whole: Path) -> None:
    weights = kept(folder, WEIGHTS)
    assert len(weights) == 8
    assert weights == kept(whole, WEIGHTS)
    # Nothing else is left: no state, no temporary file.
    assert not kept(folder, STATE)
    assert not [*folder.rglob(".*")]


@pytest.mark.parametrize("jobs", [(), TWO_JOBS], ids=["one job", "two jobs"])
@pytest.mark.parametrize(
    ("how", "times"),
    [
        pytest.param(signal.SIGKILL, 2, id="killed twice"),
        pytest.param(signal.SIGKILL, 10, id="killed 10 times", marks=slow),
        pytest.param(signal.SIGTERM, 5, id="terminated 5 times", marks=slow),
    ],
)
def test_a_driver_stopped_at_random_moments(
    how: signal.Signals,
    times: int,
    jobs: tuple[str, ...],
    whole: Path,
    programs: Programs,
    tmp_path: Path,
) -> None:
    stop_often(programs, how, times, whole, tmp_path, lambda folder: jobs)


@slow
def test_the_driver_of_a_study_in_sqlite_killed_at_random_moments(
    whole: Path, programs: Programs, tmp_path: Path
) -> None:
    def stored(folder: Path) -> tuple[str, ...]:
        # Who goes on waits for the lease of who was killed.
        return ("--storage", f"sqlite:///{folder}/study.db", "--lease", "1")

    last = stop_often(programs, signal.SIGKILL, 6, whole, tmp_path, stored)

    # What the database has is what the journal has, seed by seed.
    assert outcome(last) == outcome(whole)


def stop_often(
    programs: Programs,
    how: signal.Signals,
    times: int,
    whole: Path,
    place: Path,
    options: Callable[[Path], tuple[str, ...]],
) -> Path:
    """Stop drivers so many times, each study until it is over; the last one's folder."""
    stopped, studies = 0, 1
    for moment in moments(seed=times + len(options(place))):
        folder = place / str(studies)
        command = (*STUDY, str(folder), *options(folder))
        before = kept(folder, RECORD)
        if stopped_at(programs, moment, how, folder, *command):
            stopped += 1
        else:
            assert_undisturbed(folder, whole)
            studies += 1
        # A training that has a record is not run again.
        assert before.items() <= kept(folder, RECORD).items()
        if stopped == times:
            break

    last = place / str(studies)
    programs.succeed(*STUDY, str(last), *options(last))

    assert_undisturbed(last, whole)
    return last


@pytest.mark.parametrize(
    "times", [2, pytest.param(8, marks=slow)], ids=["twice", "8 times"]
)
def test_workers_killed_at_random_moments(
    times: int, whole: Path, programs: Programs, tmp_path: Path
) -> None:
    draw, killed, studies = random.Random(times), 0, 0
    while killed < times:
        studies += 1
        folder = tmp_path / str(studies)
        process = programs.start(*STUDY, str(folder), *TWO_JOBS)
        # No more than two per study: a task that loses three workers is given up.
        for _ in range(min(2, times - killed)):
            while not workers(process) and process.poll() is None:
                time.sleep(0.01)
            moment = Moment(seconds=draw.uniform(0, 3), at_work=False)
            if not reached(process, moment, folder, latest(folder)):
                break
            for victim in workers(process)[:1]:  # there may be none for a moment
                os.kill(victim, signal.SIGKILL)
                killed += 1
        _, errors = process.communicate(timeout=300)

        # The driver goes on, and says what happened.
        assert process.returncode == 0, errors
        assert "Traceback" not in errors
        assert_undisturbed(folder, whole)
