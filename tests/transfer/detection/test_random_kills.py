"""A detector whose training is stopped at random moments ends with the same bits."""

import random
import shlex
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from annotated import write_coco
from detector_runs import is_inside_an_epoch, timeless
from disturbing import last_change
from rexpand.spec import network_to_toml
from shapes import SPEC
from warm.programs import Programs, Running

# Eight steps, and a state after each of them; augmentation and an average.
TRAINING = shlex.split(
    "detect train small.toml --data ./data --resolution 64 --epochs 4 --batch-size 4 "
    "--augment ssd --ema 0.9 --set judge_every=2 --checkpoint-every 1 --out"
)
LEFT = ("detector.safetensors", "mistakes.json")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="forks a warm process"),
]


def places() -> Iterator[str]:
    """Where to stop, in turn: in the first second, in a write, between two of them."""
    return cycle(("start", "write", "step", "write", "step"))


def stopped(
    process: Running, how: signal.Signals, where: str, folder: Path, draw: random.Random
) -> bool:
    """Stop a training somewhere; whether it still ran then."""
    if where != "start":
        for _ in range(draw.randrange(1, 5)):
            wait_for_change(process, folder / "state.safetensors")
    if where == "write":
        while not [*folder.glob(".state*")] and process.poll() is None:
            pass
    else:
        time.sleep(draw.uniform(0, 0.7 if where == "start" else 0.1))
    runs = process.poll() is None
    process.send_signal(how)
    process.wait(120)
    return runs


def wait_for_change(process: Running, state: Path) -> None:
    before = last_change(state)
    while last_change(state) in (0, before) and process.poll() is None:
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("how", "times", "code"),
    [
        (signal.SIGKILL, 12, -signal.SIGKILL),
        (signal.SIGTERM, 4, 143),
        (signal.SIGINT, 4, 130),
    ],
)
def test_a_training_stopped_at_random_moments(
    how: signal.Signals, times: int, code: int, programs: Programs, tmp_path: Path
) -> None:
    write_coco(tmp_path / "data", {"train": 8, "val": 3}, height=64, width=64)
    (tmp_path / "small.toml").write_text(network_to_toml(SPEC))

    def whole(name: str) -> tuple[object, ...]:
        done = programs.run(*TRAINING, name, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        folder = tmp_path / name
        assert not [*folder.glob("*state*")]
        return timeless(folder), *((folder / each).read_bytes() for each in LEFT)

    expected = whole("whole")
    draw, stops, inside, runs = random.Random(how), Counter[str](), 0, 0
    for where in places():
        folder = tmp_path / str(runs)
        process = programs.start(*TRAINING, folder.name, folder=tmp_path)
        if stopped(process, how, where, folder, draw):
            # In its first second a program may not listen to signals yet.
            assert where == "start" or process.returncode == code, process.err
            stops[where] += 1
            inside += is_inside_an_epoch(folder / "state.safetensors")
        else:  # it was over before
            assert whole(folder.name) == expected
            runs += 1
        # Where a stop falls inside its place is chance: a few more, if too few were inside.
        if stops.total() >= times and (
            inside > times / 4 or stops.total() == 2 * times
        ):
            break

    assert whole(str(runs)) == expected
    assert {*stops} == {"start", "write", "step"}
    assert inside > times / 4
