"""A module of the user's own, wherever a spec is asked: it is read as one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rexpand.cost import cost_of
from rexpand.records import Record, read_record
from rexpand.search.design import read_study
from rexpand.spec import read_network

Say = Callable[..., Any]
MINE = """
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        wide = 4 * before
        self.c1 = nn.Conv2d(before, wide, 1, bias=False)
        self.n1 = nn.BatchNorm2d(wide)
        self.c2 = nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False)
        self.n2 = nn.BatchNorm2d(wide)
        self.c3 = nn.Conv2d(wide, after, 1, bias=False)
        self.n3 = nn.BatchNorm2d(after)
        self.adds = before == after and stride == 1

    def forward(self, x):
        y = torch.relu(self.n1(self.c1(x)))
        y = torch.relu(self.n2(self.c2(y)))
        y = self.n3(self.c3(y))
        return x + y if self.adds else y


class Net(nn.Module):
    def __init__(self, *blocks):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Linear(16, 10)

    def forward(self, x):
        x = torch.relu(self.norm(self.stem(x)))
        return self.last(self.blocks(x).mean((2, 3)))


def net():
    return Net(Block(8, 8, 1), Block(8, 16, 2), Block(16, 16, 1))


def full():
    block = Block(8, 16, 2)
    block.c1 = nn.Conv2d(8, 32, 3, 1, 1, bias=False)
    return Net(Block(8, 8, 1), block, Block(16, 16, 1))
"""


@pytest.fixture
def own(say: Say, tmp_path: Path) -> Say:
    (tmp_path / "own_bottlenecks.py").write_text(MINE)
    (tmp_path / "recipe.toml").write_text("epochs = 1\nbatch_size = 64\n")
    return say


def document(done: Any) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_an_own_module_is_solved(own: Say, tmp_path: Path) -> None:
    cost = document(own("cost", "own_bottlenecks:net", "--resolution", "8", "--json"))

    found = document(
        own(
            *(
                "solve",
                "own_bottlenecks:net",
                "--resolution",
                "8",
                "--out",
                "net.toml",
                "--json",
            ),
            *("--macs", str(2 * cost["macs"])),
        )
    )

    # Twice the macs, within half a percent, in a file that is a network everywhere.
    assert 0.99 * 2 * cost["macs"] <= found["macs"] <= 2 * cost["macs"]
    spec = read_network(tmp_path / "net.toml")
    assert cost_of(spec).macs == found["macs"]
    assert (spec.in_channels, spec.num_classes, spec.depth) == (1, 10, 3)


def test_an_own_module_is_searched(own: Say, tmp_path: Path) -> None:
    done = own(
        *(
            "search",
            "run",
            "--network",
            "own_bottlenecks:net",
            "--macs",
            "300k",
            "--trials",
            "2",
        ),
        *("--seeds", "1", "--recipe", "recipe.toml", "--train-subset", "64"),
        *("--out", "study"),
    )

    assert done.code == 0, done.err
    design = read_study(tmp_path / "study")
    assert (design.spec.channels, design.spec.resolution) == ((8, 16, 16), 8)


def test_an_own_module_is_trained_from_fresh_weights(own: Say, tmp_path: Path) -> None:
    trained = document(
        own(
            *(
                "train",
                "own_bottlenecks:net",
                "--recipe",
                "recipe.toml",
                "--train-subset",
                "64",
            ),
            *("--out", "run", "--json"),
        )
    )

    record = read_record(Record, tmp_path / "run/seed-0/record.json")
    assert record.spec.channels == (8, 16, 16)
    assert (trained["started_from"], trained["network"]) == (None, "net")
    cost = document(own("cost", "own_bottlenecks:net", "--resolution", "8", "--json"))
    assert (trained["params"], trained["macs"]) == (cost["params"], cost["macs"])


def test_an_own_module_with_a_file_starts_from_its_weights(
    own: Say, tmp_path: Path
) -> None:
    save = "import torch, own_bottlenecks as own; torch.save(own.net().state_dict(), 'weights.pth')"
    subprocess.run([sys.executable, "-c", save], cwd=tmp_path, check=True)
    asked = ("own_bottlenecks:net@weights.pth", "--data", "digits", "--json")
    (tmp_path / "still.toml").write_text(
        "epochs = 1\nbatch_size = 64\n[optimizer]\nlearning_rate = 1e-30\n"
    )

    judged = document(own("evaluate", *asked))
    trained = document(own("train", *asked, "--recipe", "still.toml", "--out", "run"))

    # One network, and the images of its size unknown as they are, by two verbs.
    assert trained["started_from"] == "own_bottlenecks:net@weights.pth"
    assert trained["start_accuracy"] == judged["accuracy"]


@pytest.mark.parametrize(
    "typed",
    [
        "solve own_bottlenecks:full --macs 9M",
        "search run --network own_bottlenecks:full --macs 9M",
        "train own_bottlenecks:full",
        "solve torchvision:resnet18 --macs 1G",
    ],
)
def test_a_module_that_does_not_read_back_is_one_line(typed: str, own: Say) -> None:
    done = own(*typed.split())

    name = "torchvision:resnet18" if "resnet18" in typed else "own_bottlenecks:full"
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    # Which part does not read back, and why.
    assert f"reading {name} as a spec needs blocks 1x1, depthwise, 1x1" in done.err
    assert ("blocks.1.c1" in done.err) == (name == "own_bottlenecks:full")
