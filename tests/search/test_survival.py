"""A driver is killed for real, more than once, and the study does not notice."""

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from warm.programs import Programs

DIGITS = shlex.split(
    "--data digits --network search_18 --macs 500k "
    "--trials 5 --seeds 2 --epochs 3 --train-subset 200"
)
# The study that the README shows, with fewer trials, images and epochs.
CIFAR = shlex.split(
    "--data cifar100 --network search_18 --macs 30M --params 205k "
    "--trials 4 --seeds 1 --epochs 1 --train-subset 500 --set validation=500"
)


def report(folder: Path, programs: Programs) -> dict[str, Any]:
    return json.loads(programs.succeed("search", "report", str(folder), "--json"))


def fresh(*arguments: str) -> "subprocess.Popen[bytes]":
    """The program as a user starts it: torch then takes large pages for a study."""
    return subprocess.Popen(
        [sys.executable, "-m", "rexpand", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed_when(
    start: Callable[..., Any], condition: Callable[[], bool], *arguments: str
) -> None:
    """Start the program, and kill it the moment that a condition holds."""
    process = start(*arguments)
    while not condition():
        assert process.poll() is None, "the search ended before it could be killed"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def records(folder: Path) -> dict[str, bytes]:
    paths = folder.glob("trials/*/*/record.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def states(folder: Path) -> int:
    return len([*folder.glob("trials/*/*/state.safetensors")])


def outcome(study: dict[str, Any]) -> list[tuple[object, ...]]:
    keys = ("number", "channels", "shape", "params", "macs", "seeds", "accuracies")
    return [tuple(map(str, (trial[key] for key in keys))) for trial in study["trials"]]


def test_a_study_killed_three_times_gives_the_numbers_of_one_that_was_not(
    programs: Programs, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    programs.succeed("search", "run", *DIGITS, "--out", str(whole))

    # Once while the configurations are queued, once inside a training, once between.
    journal = killed / "journal.log"
    resume = ("search", "resume", str(killed))
    run = ("search", "run", *DIGITS, "--out", str(killed))
    killed_when(programs.start, journal.exists, *run)
    killed_when(programs.start, lambda: states(killed) == 1, *resume)
    killed_when(programs.start, lambda: len(records(killed)) == 3, *resume)
    before = records(killed)
    programs.succeed(*resume)

    # No trial is lost, and the numbers are those of the undisturbed run.
    assert outcome(report(killed, programs)) == outcome(report(whole, programs))
    # None is run twice to its end: the records, with their times, are the same bytes.
    after = records(killed)
    assert {name: after[name] for name in before} == before
    assert len(after) == 10


def is_alive(process: str) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return "State:\tZ" not in Path("/proc", process, "status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_die_with_their_driver(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    command = [sys.executable, "-m", "rexpand", "search", "run", *DIGITS]
    process = subprocess.Popen(
        [*command, "--jobs", "2", "--out", str(folder)], stderr=subprocess.DEVNULL
    )
    while states(folder) < 1:
        assert process.poll() is None
        time.sleep(0.01)
    # Each is the child of one of the driver's threads.
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    workers = [child for thread in threads for child in thread.read_text().split()]

    process.kill()
    process.wait()

    # Else a worker would write into a study that another driver resumes.
    deadline = time.monotonic() + 10
    while any(is_alive(worker) for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(workers) >= 2


@pytest.mark.slow
def test_the_readmes_study_on_cifar_shortened_survives_a_kill(
    cifar_root: Path, programs: Programs, tmp_path: Path
) -> None:
    folder = tmp_path / "RUN"

    run = ("search", "run", *CIFAR, "--out", str(folder))
    killed_when(fresh, lambda: len(records(folder)) == 2, *run)
    before = records(folder)
    assert fresh("search", "resume", str(folder)).wait() == 0

    study, after = report(folder, programs), records(folder)
    assert {name: after[name] for name in before} == before
    assert len(study["trials"]) == len(after) == 4
    for trial in study["trials"]:
        assert trial["state"] == "complete"
        assert trial["macs"] <= 30_000_000
        assert trial["params"] <= 205_000
        assert len(trial["channels"]) == 5
        assert 0 <= trial["accuracy"] <= 100
    assert [group["name"] for group in study["groups"]] == ["top", "middle", "bottom"]
    assert Path(study["report"]).exists()
