"""A training killed at random moments ends with the weights of one that was not."""

import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from disturbing import PROGRAM, kept, moments, stopped_at

TRAINING = shlex.split(
    "train search_18 --data digits --epochs 12 --seeds 2 --train-subset 300 --out"
)
WEIGHTS = "network.safetensors"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "times"), [(signal.SIGKILL, 20), (signal.SIGTERM, 5), (signal.SIGHUP, 5)]
)
def test_a_training_stopped_at_random_moments(
    how: signal.Signals, times: int, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    subprocess.run([*PROGRAM, *TRAINING, str(whole)], check=True, capture_output=True)
    stopped, runs = 0, 1
    for moment in moments(seed=how):
        folder = tmp_path / str(runs)
        if stopped_at(moment, how, folder, *TRAINING, str(folder)):
            stopped += 1
        else:
            assert kept(folder, WEIGHTS) == kept(whole, WEIGHTS)
            runs += 1
        if stopped == times:
            break

    last = tmp_path / str(runs)
    subprocess.run([*PROGRAM, *TRAINING, str(last)], check=True, capture_output=True)

    assert len(kept(last, WEIGHTS)) == 2
    assert kept(last, WEIGHTS) == kept(whole, WEIGHTS)
