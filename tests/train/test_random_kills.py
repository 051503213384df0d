"""A training killed at random moments ends with the weights of one that was not."""

import shlex
import signal
import sys
from pathlib import Path

import pytest

from disturbing import kept, moments, stopped_at
from warm.programs import Programs

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
