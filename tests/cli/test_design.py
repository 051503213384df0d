"""`rexpand design`: the plan before, the result after, and what is refused."""

import json
from pathlib import Path

import pytest

from designed import leave_design
from rexpand.design.order import DesignOrder


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of a design that is over."""
    order = DesignOrder(data="digits", macs=400e3, hours=0.05)
    leave_design(order, tmp_path / "run")
    return tmp_path / "run"


DESIGN = [
    *("design", "--data", "digits", "--macs", "400k", "--hours", "0.05"),
    *("--out", "run"),
]


def test_the_result_says_which_is_better_and_how_sure(say, finished: Path) -> None:
    said = say(*DESIGN).out

    assert "The searched network did not beat the best network of the catalogue" in said
    assert "95 % interval over 240 test images" in said
    assert "over 3 paired seeds" in said
    assert "handed over: the searched network, in model/README.md" in said
    assert said.endswith("wrote run/report.html\n")
    assert (finished / "report.html").is_file()


def test_json_is_one_document(say, finished: Path) -> None:
    found = json.loads(say(*DESIGN, "--json").out)

    assert found["verdict"]["verdict"] == "undecided"
    assert found["plan"]["budget_macs"] == 20e6
    assert found["report"] == "run/report.html"


def test_a_plan_tries_and_leaves_nothing(say, tmp_path: Path) -> None:
    asked = "design --data digits --macs 400k --hours 30 --plan"
    said = say(*asked.split()).out

    lines = said.splitlines()
    assert lines[0].split()[:4] == ["candidate", "input", "width", "macs"]
    for step in ("trials", "search", "training", "evaluation"):
        assert any(line.startswith(f"{step}: about ") for line in lines)
    assert "predicted: at most about 30.0 h in all" in said
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("--macs 300k", "other settings: macs is 400000.0, asked for 300000.0"),
        ("--hours 0.06", "hours is 0.05, asked for 0.06"),
        ("--hours 0", "--hours is 0.0"),
        ("--latency-ms 3 --runtime abacus", "runtime is 'onnxruntime', asked for"),
    ],
)
def test_a_folder_of_another_design_is_left_alone(
    say, finished: Path, change: str, said: str
) -> None:
    done = say(*DESIGN, *change.split())

    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_no_budget_is_refused_before_anything(say, tmp_path: Path) -> None:
    done = say("design", "--data", "digits")

    assert done.code == 2
    assert "the budget is empty; give macs" in done.err
    assert not [*tmp_path.iterdir()]


@pytest.mark.slow
def test_from_digits_to_a_network_in_a_few_minutes(say, tmp_path: Path) -> None:
    asked = ["design", "--data", "digits", "--macs", "400k", "--out", "run", "--json"]
    done = say(*asked, "--hours", "0.05")
    if done.code == 2:  # a slow machine: the refusal names the least that does
        hours = done.err.partition("give ")[2].split()[0]
        done = say(*asked, "--hours", hours)

    assert done.code == 0
    found = json.loads(done.out)
    # Chance is 10 %; every seed of both networks is far from it.
    for side in ("searched", "catalogue"):
        assert min(found["verdict"][side]["accuracies"]) > 30
    assert len(found["proposal"]["trials"]) >= 2
    assert (tmp_path / "run/report.html").is_file()
    assert (tmp_path / "run/search/report.html").is_file()
    for name in ("README.md", "network.safetensors", "network.onnx"):
        assert (tmp_path / "run/model" / name).is_file()
