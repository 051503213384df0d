"""A training killed at random moments ends with the weights of one that was not."""

import random
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from disturbing import is_inside_an_epoch, kept, last_change, moments, stopped_at
from photos import write_photos
from warm.programs import Programs, Running

TRAINING = shlex.split(
    "train search_18 --data digits --epochs 12 --seeds 2 --train-subset 300 --out"
)
# Dropout, dropped blocks, mixup, CutMix and an average; a state after every step.
ON_FILES = shlex.split(
    "train search_18 --recipe modern --resolution 16 --epochs 3 --batch-size 8 "
    "--checkpoint-every 1"
)
WEIGHTS = "network.safetensors"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "times"), [(signal.SIGKILL, 20), (signal.SIGTERM, 5), (signal.SIGHUP, 5)]
)
def test_a_training_stopped_at_random_moments(
    how: signal.Signals, times: int, programs: Programs, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    programs.succeed(*TRAINING, str(whole))
    stopped, runs = 0, 1
    for moment in moments(seed=how):
        folder = tmp_path / str(runs)
        if stopped_at(programs, moment, how, folder, *TRAINING, str(folder)):
            stopped += 1
        else:
            assert kept(folder, WEIGHTS) == kept(whole, WEIGHTS)
            runs += 1
        if stopped == times:
            break

    last = tmp_path / str(runs)
    programs.succeed(*TRAINING, str(last))

    assert len(kept(last, WEIGHTS)) == 2
    assert kept(last, WEIGHTS) == kept(whole, WEIGHTS)


def killed_after(process: Running, state: Path, states: int, seconds: float) -> bool:
    """Kill a program so long after it wrote so many states; whether it still ran."""
    for _ in range(states):
        before = last_change(state)
        while last_change(state) in (0, before) and process.poll() is None:
            time.sleep(0.001)
    time.sleep(seconds)
    is_running = process.poll() is None
    process.kill()
    process.wait()
    return is_running


@pytest.mark.slow
def test_a_training_on_image_files_killed_at_random_steps(
    programs: Programs, tmp_path: Path
) -> None:
    photos = write_photos(
        tmp_path / "photos", {"train": 48, "val": 2}, height=24, width=24
    )
    command = [*ON_FILES, "--data", str(photos), "--out"]
    whole = tmp_path / "whole"
    programs.succeed(*command, str(whole))
    draw = random.Random(0)
    kills = inside = runs = 0
    while kills < 20:
        folder = tmp_path / str(runs)
        state = folder / "seed-0" / "state.safetensors"
        process = programs.start(*command, str(folder))
        if killed_after(process, state, draw.randrange(7), draw.uniform(0, 0.1)):
            kills += 1
            inside += is_inside_an_epoch(state)
        else:
            assert kept(folder, WEIGHTS) == kept(whole, WEIGHTS)
            runs += 1

    programs.succeed(*command, str(tmp_path / str(runs)))

    assert kept(tmp_path / str(runs), WEIGHTS) == kept(whole, WEIGHTS)
    # Of an epoch's twelve steps all but the last leave a state inside of it.
    assert inside > 10
