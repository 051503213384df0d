"""`rexpand upgrade`: what it prints, what it leaves, and what it refuses."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rexpand.advise.equal_cost import upgrade
from rexpand.cli.upgrade_tables import kept
from rexpand.cost import cost_of
from rexpand.latency.rounds import Timing
from rexpand.models import build, load_network, save_network
from rexpand.spec import network, read_network

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_mobilenetv2_at_its_macs(rexpand: Run, tmp_path: Path) -> None:
    done = rexpand("upgrade", "mobilenetv2_100", "--keep", "macs", "--json")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    after = document["after"]
    assert document["before"]["macs"] == 300774272
    assert after["channels"] == sorted(after["channels"])
    assert abs(after["macs"] / 300.8e6 - 1) < 0.005
    assert {"channels", "params", "macs"} <= document["before"].keys()
    folder = tmp_path / document["folder"]
    assert list(read_network(folder / "network.toml").channels) == after["channels"]
    page = (tmp_path / document["report"]).read_text(encoding="utf-8")
    assert "No training compares the two networks yet." in page
    assert (folder / "figures/channels.png").read_bytes().startswith(b"\x89PNG")


def test_a_foreign_network_is_upgraded_like_ours(rexpand: Run) -> None:
    ours = rexpand("upgrade", "mobilenetv2_100", "--json")
    theirs = rexpand("upgrade", "torchvision:mobilenet_v2", "--json")

    assert theirs.returncode == 0, theirs.stderr
    for side in ("before", "after"):
        assert json.loads(ours.stdout)[side] == json.loads(theirs.stdout)[side]


def test_latency_is_kept_as_measured(rexpand: Run) -> None:
    done = rexpand(
        *("upgrade", "mobilenetv2_035", "--resolution", "32", "--keep", "latency"),
        "--json",
    )

    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)["latency"]
    # n and spread travel with the numbers; every slope that was tried is told.
    assert before["ratio"]["median"] == 1
    assert after["latency_ms"]["count"] == 31
    assert after["ratio"]["low"] <= after["ratio"]["median"] <= after["ratio"]["high"]
    assert "times the latency" in done.stderr


def test_a_latency_is_said_as_it_was_measured() -> None:
    ratios = (1.0, 1.02, 1.175, 1.31, 1.4)
    timing = Timing(name="after", readings_ms=ratios, ratios=ratios)
    measured = replace(
        upgrade(network("search_18"), "macs"), keep="latency", timings=(timing,)
    )

    # A latency that was 1.175 times as large is not called kept.
    assert kept(measured) == (
        "latency measured at 1.175 times before (quartiles 1.020 to 1.310)"
    )


def test_weights_are_carried_into_a_checkpoint(rexpand: Run, tmp_path: Path) -> None:
    spec = network("mobilenetv2_035").for_images(resolution=32, in_channels=3)
    save_network(build(spec.with_classes(5)), tmp_path / "own.safetensors")

    done = rexpand("upgrade", "own.safetensors", "--carry-weights", "--out", "up")

    assert done.returncode == 0, done.stderr
    assert "weights carried" in done.stderr
    carried = load_network(tmp_path / "up/network.safetensors")
    assert carried.spec == read_network(tmp_path / "up/network.toml")


def test_training_gives_a_verdict_with_an_interval(
    rexpand: Run, tmp_path: Path
) -> None:
    (tmp_path / "net.toml").write_text(TINY)
    command = (
        *("upgrade", "net.toml", "--train", "digits", "--seeds", "2", "--epochs", "1"),
        *("--train-subset", "100", "--out", "run", "--json"),
    )

    done = rexpand(*command)
    again = rexpand(*command)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["comparison"]
    assert found["gain"]["count"] == 2
    assert found["gain"]["low"] <= found["gain"]["mean"] <= found["gain"]["high"]
    assert found["before"]["macs"] >= found["after"]["macs"]
    # Another comparison leaves the folder as it is.
    saved = (tmp_path / "run/network.toml").read_text()
    other = rexpand(*command[:-1], "--intercept", "2")
    assert other.returncode == 2
    assert "other settings" in other.stderr
    assert (tmp_path / "run/network.toml").read_text() == saved
    # The same command again trains nothing and says the same.
    assert json.loads(again.stdout)["comparison"] == found
    assert "epoch" not in again.stderr


def test_mistakes_are_one_line_and_change_nothing(rexpand: Run, tmp_path: Path) -> None:
    for arguments, words in (
        (("resnet18",), "block 0 of resnet18 is a basic_residual"),
        (("timm:resnet18",), "block 0: bn1 is followed by max_pool2d"),
        (("mobilenetv2_100", "--carry-weights"), "needs weights"),
        (("mobilenetv2_100", "--intercept", "200"), "intercept of at most"),
    ):
        done = rexpand("upgrade", *arguments)

        assert done.returncode == 2, arguments
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


TINY = """
name = "tiny"
family = "tiny"
resolution = 8
in_channels = 1
num_classes = 10

[stem]
out_channels = 4
stride = 1

[head]
channels = 0

[[blocks]]
kind = "inverted_bottleneck"
out_channels = 4

[[blocks]]
kind = "inverted_bottleneck"
out_channels = 16
stride = 2
"""


def test_the_network_as_it_was_read_is_a_file_that_every_verb_takes(
    rexpand: Run, tmp_path: Path
) -> None:
    done = rexpand(
        *("upgrade", "torchvision:mobilenet_v2", "--resolution", "96"),
        *("--write-before", "read/before.toml", "--json"),
    )

    assert done.returncode == 0, done.stderr
    read = read_network(tmp_path / "read/before.toml")
    before = json.loads(done.stdout)["before"]
    cost = cost_of(read)
    assert list(read.channels) == before["channels"]
    assert (cost.params, cost.macs) == (before["params"], before["macs"])
    assert rexpand("solve", "read/before.toml", "--macs", "40M").returncode == 0


def test_the_network_as_it_was_read_keeps_its_weights(
    rexpand: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from torchvision.models import mobilenet_v2\n\n"
        "def net():\n"
        "    return mobilenet_v2(num_classes=3)\n"
    )

    done = rexpand(
        *("upgrade", "mine:net", "--resolution", "32"),
        *("--write-before", "before.safetensors"),
    )
    bare = rexpand("upgrade", "mobilenetv2_035", "--write-before", "b.safetensors")
    other = rexpand("upgrade", "mobilenetv2_035", "--write-before", "before.txt")

    assert done.returncode == 0, done.stderr
    assert load_network(tmp_path / "before.safetensors").spec.num_classes == 3
    for refused, told in ((bare, "needs weights"), (other, "neither a .toml nor a")):
        assert (refused.returncode, told in refused.stderr) == (2, True)
        assert refused.stderr.count("\n") == 1


def test_a_network_of_other_blocks_is_refused_with_the_layer(
    rexpand: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n\n"
        "class Unit(nn.Module):\n"
        "    def __init__(self, channels, out):\n"
        "        super().__init__()\n"
        "        self.c1 = nn.Conv2d(channels, out, 3, padding=1, bias=False)\n"
        "        self.n1 = nn.BatchNorm2d(out)\n\n"
        "    def forward(self, x):\n"
        "        return self.n1(self.c1(x)).relu()\n\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.stem = Unit(3, 8)\n"
        "        self.l1 = nn.Sequential(Unit(8, 16), Unit(16, 16))\n"
        "        self.fc = nn.Linear(16, 2)\n\n"
        "    def forward(self, x):\n"
        "        return self.fc(self.l1(self.stem(x)).mean((2, 3)))\n\n"
        "def net():\n"
        "    return Net()\n"
    )

    refused = rexpand("upgrade", "mine:net", "--resolution", "32")

    assert refused.returncode == 2
    assert refused.stderr == (
        "rexpand: upgrade needs blocks 1x1, depthwise, 1x1; l1.0.c1 is a full 3x3 "
        "convolution\n"
    )
