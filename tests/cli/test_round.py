"""`rexpand round`: a line per multiple, each with its network."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from rexpand.spec import read_network

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_every_multiple_has_its_network(rexpand: Run, tmp_path: Path) -> None:
    done = rexpand("round", "rexnet_100", "--runtime", "none", "--out", "it", "--json")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["target"] == "line"
    assert [row["multiple_of"] for row in document["roundings"]] == [1, 4, 8, 16, 32]
    for row in document["roundings"]:
        assert row["is_exact"]
        assert row["macs"] <= document["macs"]
        assert row["macs_change"] == row["macs"] / document["macs"] - 1
        left = read_network(tmp_path / f"it/multiple_of_{row['multiple_of']}.toml")
        assert list(left.channels) == row["channels"]


def test_latency_is_measured_under_the_runtimes_asked_for(rexpand: Run) -> None:
    done = rexpand(
        *("round", "mobilenetv2_035", "--resolution", "32", "--multiple-of", "4"),
        *("--runtime", "torch", "--rounds", "3", "--json"),
    )

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (row,) = document["roundings"]
    assert document["latency"]["torch"]["ratio"]["median"] == 1
    assert row["latency"]["torch"]["latency_ms"]["count"] == 3
    # Its widths are multiples of 4 already, and it was timed once more.
    equal = document["equal_networks"]["torch"]
    assert len(equal["ratios"]) == 2
    assert equal["is_quiet"] == ("warning" not in done.stderr)


def test_a_table_for_people(rexpand: Run) -> None:
    done = rexpand("round", "rexnet_100", "--runtime", "none", "--multiple-of", "8")

    assert done.returncode == 0, done.stderr
    assert "nearest to its line within 398.4M macs" in done.stdout
    assert "  8: 16-24-40-48-64-72-80-96" in done.stdout


def test_halves_stay_whole_without_being_asked_for(rexpand: Run) -> None:
    done = rexpand(
        *("round", "shufflenetv2_100", "--macs", "120M", "--multiple-of", "1"),
        *("--runtime", "none", "--json"),
    )

    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["roundings"]
    assert row["is_exact"]
    assert all(width % 2 == 0 for width in row["channels"])


def test_mistakes_are_one_line(rexpand: Run) -> None:
    for arguments, words in (
        (("rexnet_100", "--runtime", "abacus"), "choose from torch, onnxruntime"),
        (("rexnet_100", "--macs", "1M"), "rexnet_100 needs at least"),
        (("fairdarts_b", "--runtime", "none"), "cost depends on two blocks before"),
        (("nothing",), "unknown network 'nothing'"),
    ):
        done = rexpand("round", *arguments)

        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
        assert len(done.stderr.splitlines()) == 1
