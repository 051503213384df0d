"""A command runs a network once, whatever is asked of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

# Says when it runs; one shortcut is written into a slice, which lint looks for.
MINE = """
import sys

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.third = nn.Conv2d(8, 12, 1)

    def forward(self, images):
        print("a pass", file=sys.stderr)
        maps = self.second(self.first(images)).relu()
        wide = self.third(maps)
        wide[:, :8] += maps
        return wide.mean((2, 3))
"""


@pytest.mark.parametrize(
    "command",
    [
        ("cost", "mine:Net", "--blocks", "--layers", "--tree", "--conventions"),
        ("lint", "mine:Net", "--multiple-of", "8", "--target", "int8"),
    ],
    ids=lambda command: command[0],
)
def test_a_network_is_run_once(
    command: tuple[str, ...], rexpand: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(MINE)

    done = rexpand(*command, "--resolution", "32")

    assert done.stderr.splitlines().count("a pass") == 1
    # What `lint` says of the write is among what that pass saw.
    assert ("RX012" in done.stdout) == (command[0] == "lint")


def test_ranks_take_one_pass_and_those_over_the_images(
    rexpand: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(MINE.replace("Conv2d(3,", "Conv2d(1,"))

    options = ("--data", "digits", "--images", "60", "--resolution", "32")
    done = rexpand("rank", "network", "mine:Net", *options, "--batch-size", "30")

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("a pass") == 1 + 2


INVERTED = """
import sys

import timm
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = timm.create_model("mobilenetv2_035")

    def forward(self, images):
        print("a pass", file=sys.stderr)
        return self.inner(images)
"""


@pytest.mark.parametrize("command", ["upgrade", "round"])
def test_reading_takes_one_pass_and_one_for_the_scores(
    command: str, rexpand: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(INVERTED)

    done = rexpand(command, "mine:Net", "--resolution", "32")

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("a pass") == 1 + 1
