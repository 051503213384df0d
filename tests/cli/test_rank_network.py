"""`rexpand rank network` and `rank factors`, as a user gives them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def document(done: "subprocess.CompletedProcess[str]") -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("verb", ["factors", "network"])
def test_every_verb_has_help(verb: str, rexpand: Run) -> None:
    done = rexpand("rank", verb, "--help")

    assert done.returncode == 0
    assert "Usage: " in done.stdout


def test_a_network_is_ranked_layer_by_layer(rexpand: Run, tmp_path: Path) -> None:
    done = rexpand(
        "rank", "network", "search_18", "--images", "40", "--layers", "blocks.0",
        "--json", "--out", "R",
    )  # fmt: skip

    found = document(done)
    (network,) = found["networks"]
    first = network["layers"][0]
    assert (network["name"], network["images"]) == ("search_18", 40)
    assert network["params"] > 0
    assert network["macs"] > 0
    assert first["name"] == "blocks.0.expand.conv"
    assert first["rank_ratio"] <= first["dim_ratio"]
    assert len(first["singular_values"]) == first["channels"]
    # Weights of no file are said to be random, where it is not in the way.
    assert "search_18 has random weights" in done.stderr
    assert (tmp_path / found["report"]).exists()
    assert json.loads((tmp_path / "R" / "spectra.json").read_text())["networks"]
    assert (tmp_path / "R" / "figures" / "effective_rank.png").exists()


def test_two_checkpoints_of_one_network_are_told_apart(
    rexpand: Run, tmp_path: Path
) -> None:
    rexpand("train", "search_18", "--epochs", "1", "--train-subset", "100", "--seeds",
            "2", "--watch-rank", "--out", "T")  # fmt: skip
    paths = [f"T/seed-{seed}/network.safetensors" for seed in (0, 1)]

    found = document(
        rexpand(
            "rank", "network", *paths, "--images", "30", "--layers", "head", "--json"
        )
    )

    assert [n["name"] for n in found["networks"]] == [
        f"search_18, {path}" for path in paths
    ]
    assert [n["weights"] for n in found["networks"]] == paths
    record = json.loads((tmp_path / "T" / "seed-0" / "record.json").read_text())
    assert len(record["epochs"][0]["block_ranks"]) == 6
    assert (tmp_path / "T/seed-0/figures/block_effective_rank.svg").exists()


def test_a_module_of_the_users_own_takes_weights(rexpand: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import torch\nfrom torch import nn\n"
        "def net():\n    return nn.Sequential(nn.Conv2d(1, 4, 1), nn.ReLU())\n"
        "if __name__ == '__main__':\n    torch.save(net().state_dict(), 'w.pth')\n"
    )
    import sys

    subprocess.run([sys.executable, "mine.py"], cwd=tmp_path, check=True)

    found = document(
        rexpand(
            "rank",
            "network",
            "mine:net@w.pth",
            "--images",
            "20",
            "--positions",
            "all",
            "--json",
        )
    )

    (network,) = found["networks"]
    assert network["weights"] == "w.pth"
    assert [layer["samples"] for layer in network["layers"]] == [20 * 64] * 2
    # One input channel: the convolution alone gives rank one (its bias a second).
    assert network["layers"][0]["rank"] <= 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("search_18", "--layers", "blocks.0.expnd.conv"),
            "nearest are blocks.0.expand",
        ),
        (("search_18", "--positions", "few"), "choose from all, strided, pooled"),
        (("search_18", "--tolerance", "x"), "tolerance 'x' is unknown"),
        (("torchvision:resnet18",), "takes images of 3 channels, the data has 1"),
        (("search_18@w.bin",), "w.bin is not a file of weights"),
        (("no_such_net",), "unknown network 'no_such_net'"),
    ],
    ids=["layer", "positions", "tolerance", "shape", "weights", "network"],
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], reason: str, rexpand: Run
) -> None:
    done = rexpand("rank", "network", *arguments, "--images", "8")

    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_factors_give_table_2(rexpand: Run, tmp_path: Path) -> None:
    command = (
        "rank", "factors", "--data", "digits", "--macs", "2M", "--epochs", "1",
        "--train-subset", "100", "--recipe", "digits", "--seeds", "1", "--json",
        "--out", "F",
    )  # fmt: skip

    found = document(rexpand(*command))

    assert [row["name"] for row in found["rows"]] == [
        *("baseline", "first 1x1", "bottleneck", "activation")
    ]
    assert all(1_900_000 < row["macs"] <= 2_000_000 for row in found["rows"])
    assert (tmp_path / found["report"]).exists()
    records = sorted((tmp_path / "F").glob("rows/*/seed-0/record.json"))
    before = [path.read_bytes() for path in records]
    assert len(before) == 4
    # The same command again finds everything done.
    assert document(rexpand(*command))["rows"] == found["rows"]
    assert [path.read_bytes() for path in records] == before


def test_an_unknown_setting_is_one_line(rexpand: Run) -> None:
    done = rexpand("rank", "factors", "--setting", "big", "--data", "digits")

    assert done.returncode == 2
    assert "unknown setting 'big'; choose from paper, small" in done.stderr
