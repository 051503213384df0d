"""`rexpand lint` as a user and a CI service run it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_findings_are_one_json_document(rexpand: Run) -> None:
    done = rexpand("lint", "rexnet_100", "--json")

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (first, *_) = document["findings"]
    assert {"rule", "level", "layer", "evidence", "fix"} <= first.keys()
    assert document["macs"] == 398370392


def test_ci_fails_at_the_level_that_it_asks_for(rexpand: Run, tmp_path: Path) -> None:
    (tmp_path / "rexpand.toml").write_text('[lint]\nignore = ["RX007"]\n')
    out = tmp_path / "lint.sarif"

    done = rexpand(
        *("lint", "rexnet_100", "--format", "sarif", "--out", str(out)),
        *("--fail-on", "warning"),
    )

    # The findings are there although the run failed; stdout stays empty.
    assert done.returncode == 1
    assert done.stdout == ""
    (run,) = json.loads(out.read_text())["runs"]
    assert {result["ruleId"] for result in run["results"]} == {"RX001"}


def test_a_rule_is_explained_without_network_and_repository(rexpand: Run) -> None:
    done = rexpand("lint", "--explain", "rx007")
    document = json.loads(rexpand("lint", "--explain", "RX007", "--json").stdout)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("RX007 unbalanced-pointwise (advice)\n")
    assert "2 sqrt(h w B)" in done.stdout
    assert document["text"] in done.stdout


def test_the_last_line_names_the_way_to_an_explanation(rexpand: Run) -> None:
    done = rexpand("lint", "rexnet_100")

    assert done.stdout.splitlines()[-1] == (
        "0 errors, 1 warning, 1 advice; 10 of 15 rules applied; "
        "`rexpand lint --explain RX001` explains a rule"
    )


def test_a_network_of_the_users_own(rexpand: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from torch import nn\n\n"
        "def net():\n"
        "    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 40, 1))\n"
    )

    done = rexpand("lint", "mine:net", "--resolution", "16")

    assert done.returncode == 0, done.stderr
    assert "warning RX001 expansion-above-six" in done.stdout
    assert "4 to 40 channels" in done.stdout
    assert "1 warning" in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--select", "RX099"), "unknown rule 'RX099'"),
        (("--target", "int4"), "target 'int4' is unknown"),
        (("--format", "xml"), "format 'xml' is unknown"),
        (("--fail-on", "never"), "--fail-on 'never' is not one of"),
        (("--explain", "RX099"), "unknown rule 'RX099'"),
        (("--config", "nowhere.toml"), "there is no file nowhere.toml"),
    ],
)
def test_a_mistake_is_one_line(
    rexpand: Run, options: tuple[str, ...], told: str
) -> None:
    done = rexpand("lint", "rexnet_100", *options)

    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
