"""A study goes on while others look at it, meddle with it and hinder its workers."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from disturbing import kept, workers
from warm.programs import Programs

STUDY = shlex.split(
    "search run --data digits --network search_18 --macs 500k "
    "--trials 6 --seeds 2 --epochs 4 --train-subset 200 --out"
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen of a study of two jobs while it ran, and its folder."""

    folder: Path
    second_driver: "subprocess.CompletedProcess[str]"
    extension: "subprocess.CompletedProcess[str]"
    report: "subprocess.CompletedProcess[str]"
    training_report: "subprocess.CompletedProcess[str]"
    code: int
    errors: str


@pytest.fixture(scope="module")
def seen(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Meddle with one study in every way."""
    ask = programs.run
    folder = tmp_path_factory.mktemp("studies") / "study"
    process = programs.start(*STUDY, str(folder), "--jobs", "2")
    while not kept(folder, "record.json"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    trained = Path(next(iter(kept(folder, "record.json")))).parent
    first, second = workers(process)
    os.kill(first, signal.SIGSTOP)
    os.kill(second, signal.SIGSTOP)
    paused = {
        "second_driver": ask("search", "resume", str(folder)),
        "extension": ask("search", "resume", str(folder), "--trials", "9"),
        "report": ask("search", "report", str(folder), "--json"),
        "training_report": ask("report", "training", str(folder / trained)),
    }
    os.kill(first, signal.SIGCONT)
    os.kill(second, signal.SIGKILL)
    _, errors = process.communicate(timeout=300)
    return Seen(folder=folder, **paused, code=process.returncode, errors=errors)


def test_a_second_driver_is_refused_in_one_line(seen: Seen) -> None:
    assert seen.second_driver.returncode == 2
    assert seen.second_driver.stderr.endswith(
        f"another process is at work in {seen.folder}; wait for it, or stop it\n"
    )


def test_a_study_is_not_extended_while_its_driver_works(seen: Seen) -> None:
    assert seen.extension.returncode == 2
    assert "another process is at work" in seen.extension.stderr
    assert len([*(seen.folder / "trials").iterdir()]) == 6


def test_a_report_is_written_while_the_study_runs(seen: Seen) -> None:
    assert seen.report.returncode == 0, seen.report.stderr
    study = json.loads(seen.report.stdout)
    states = [trial["state"] for trial in study["trials"]]
    assert len(states) == 6
    assert "running" in states


def test_a_report_of_a_training_is_written_while_others_train(seen: Seen) -> None:
    assert seen.training_report.returncode == 0, seen.training_report.stderr


def test_a_worker_that_was_killed_is_replaced_and_named(seen: Seen) -> None:
    assert seen.code == 0, seen.errors
    assert "its process ended (killed, perhaps for want of memory); a fresh one" in (
        seen.errors
    )
    assert "Traceback" not in seen.errors


def test_a_study_that_was_meddled_with_gives_the_bits_of_one_that_was_not(
    seen: Seen, programs: Programs, tmp_path: Path
) -> None:
    done = programs.run(*STUDY, str(tmp_path / "whole"))

    assert done.returncode == 0
    weights = kept(seen.folder, "network.safetensors")
    assert len(weights) == 12
    assert weights == kept(tmp_path / "whole", "network.safetensors")
