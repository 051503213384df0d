"""Programs that run for real, and are disturbed at moments drawn from a seed."""

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rexpand.documents import from_text
from rexpand.search.summary import summarise
from rexpand.train.sealed import read_sealed
from rexpand.train.state import Progressed
from warm.programs import Programs, Running


@dataclass(frozen=True, kw_only=True)
class Moment:
    """So many seconds after the start, or after the first change in the folder."""

    seconds: float
    at_work: bool


def moments(seed: int) -> Iterator[Moment]:
    """Every third moment is in a program's first second, the others in its work."""
    draw = random.Random(seed)
    while True:
        yield Moment(seconds=draw.uniform(0, 1), at_work=False)
        yield Moment(seconds=draw.uniform(0, 2), at_work=True)
        yield Moment(seconds=draw.uniform(0, 2), at_work=True)


def reached(process: Running, moment: Moment, folder: Path, before: int) -> bool:
    """Wait for a moment; whether the program still runs then."""
    while moment.at_work and latest(folder) == before and process.poll() is None:
        time.sleep(0.005)
    deadline = time.monotonic() + moment.seconds
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.005)
    return process.poll() is None


def stopped_at(
    programs: Programs,
    moment: Moment,
    how: signal.Signals,
    folder: Path,
    *command: str,
) -> bool:
    """Start a program and stop it at a moment, or see it end well before that.

    Whether it was stopped. None of its workers is left.
    """
    before = latest(folder)
    process = programs.start(*command)
    stopped = reached(process, moment, folder, before)
    helpers = workers(process)
    if stopped:
        process.send_signal(how)
    _, errors = process.communicate(timeout=120)
    if not stopped:
        assert process.returncode == 0, errors
    deadline = time.monotonic() + 10
    while any(map(is_alive, helpers)):
        assert time.monotonic() < deadline, "a worker outlived its driver"
        time.sleep(0.01)
    return stopped


def files(folder: Path) -> list[Path]:
    """Every file below a folder; folders that vanish meanwhile are passed over."""
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


def latest(folder: Path) -> int:
    """When any file of a folder was last changed; 0 if there is none."""
    changes = [0]
    for path in files(folder):
        try:
            changes.append(path.stat().st_mtime_ns)
        except FileNotFoundError:  # replaced meanwhile
            continue
    return max(changes)


def last_change(state: Path) -> int:
    """When a state was last written; 0 if there is none, or it has no name just now."""
    try:
        return state.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def workers(process: Running) -> list[int]:
    """The worker processes of a program, each started by one of its threads (Linux)."""
    found: list[int] = []
    try:
        threads = [*Path(f"/proc/{process.pid}/task").iterdir()]
    except OSError:  # the program has ended
        return found
    for thread in threads:
        try:
            found += map(int, (thread / "children").read_text().split())
        except OSError:  # the thread has ended
            continue
    return [child for child in found if _is_worker(child)]


def _is_worker(process: int) -> bool:
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return b"rexpand.workers.child" in command


def is_alive(process: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def kept(folder: Path, name: str) -> dict[str, bytes]:
    """The files of this name anywhere in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files(folder)
        if path.name == name
    }


def outcome(study: Path) -> list[tuple[object, ...]]:
    """What came out of each trial of a study; every one ended once."""
    trials = summarise(study).trials
    assert {each.state for each in trials} == {"complete"}
    return [
        (each.number, each.channels, each.seeds, each.accuracies, each.nuclear_norm)
        for each in trials
    ]


def is_inside_an_epoch(state: Path) -> bool:
    """Whether a state is one inside an epoch; a kill may have left none of that name."""
    if not state.exists():
        return False
    done = from_text(Progressed, read_sealed(state).texts["done"])
    return done.under_way is not None
