"""`rexpand train factors`, and that `train` still is a verb of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from rexpand.cli.main import app
from rexpand.spec import network

Say = Callable[..., Any]
SMALL = (
    "train factors --data digits --recipe digits --epochs 1 --train-subset 50 "
    "--macs 150k --tolerance 0.05 --fraction half --seeds 2 --out out"
)


def test_the_effects_are_printed_with_their_error_and_their_aliases(say: Say) -> None:
    said = say(*SMALL.split())

    assert said.code == 0
    lines = [line.split() for line in said.out.splitlines()]
    # Four factors, and three pairs of interactions.
    assert [line[0] for line in lines[2:9]] == ["A", "B", "C", "D", "AB", "AC", "AD"]
    assert lines[2][-1] == "BCD"
    assert "defining relation: I = ABCD" in said.out
    assert "7 degrees of freedom" in said.out
    assert "to tell 0.5 points apart this design needs" in said.out


def test_the_same_command_goes_on_and_gives_one_document(
    say: Say, tmp_path: Path
) -> None:
    one = SMALL.replace("--seeds 2", "--seeds 1").split()
    say(*one)
    records = {path: path.read_bytes() for path in tmp_path.rglob("record.json")}

    said = say(*SMALL.split(), "--json")

    document = json.loads(said.out)
    assert len(records) == 8
    assert all(path.read_bytes() == content for path, content in records.items())
    assert document["complete_seeds"] == [0, 1]
    assert document["effects"][0]["name"] == "channels"
    assert document["needed"][1]["effect"] == 0.5


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("--fraction quarter", "fraction 'quarter'"),
        ("--network resnet18", "inverted bottlenecks"),
        ("--macs 1k", "macs"),
        ("--tolerance 1e-7 --macs 150k", "fewer; give more macs"),
        ("--train-subset 5000", "more than the 1437 of digits"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(say: Say, tmp_path, typed, line):
    said = say("train", "factors", "--data", "digits", "--out", "new", *typed.split())

    assert said.code == 2
    assert line in said.err
    assert said.err.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


def test_another_network_is_taken_at_its_own_macs_and_another_size(
    say: Say, tmp_path: Path
) -> None:
    said = say(
        "train", "factors", "--data", "digits", "--resolution", "32", "--epochs", "1",
        "--network", "mobilenetv2_100:width_mult=0.1,depth_mult=0.3", "--fraction", "half",
        "--tolerance", "0.2", "--train-subset", "40", "--seeds", "1", "--json",
    )  # fmt: skip

    document = json.loads(said.out)
    assert document["network"] == "mobilenetv2_100"
    macs = document["macs"]
    assert all(0.8 * macs <= cell["macs"] <= macs for cell in document["cells"])
    # Without its SE and SiLU it is itself again.
    own = network("mobilenetv2_100", width_mult=0.1, depth_mult=0.3)
    assert document["cells"][0]["channels"] == [*own.channels]
    assert "are resized to 32" in said.err


def test_the_recipe_is_shown_without_training(say: Say, tmp_path: Path) -> None:
    said = say("train", "factors", "--epochs", "3", "--show")

    assert "epochs = 3" in said.out
    assert [*tmp_path.iterdir()] == []


def usage(*words: str) -> str:
    done = CliRunner().invoke(app, [*words, "--help"], prog_name="rexpand")
    return done.stdout.splitlines()[0]


def test_each_of_the_two_verbs_has_its_own_usage() -> None:
    assert usage("train") == "Usage: rexpand train [OPTIONS] [NETWORK[@WEIGHTS]]"
    assert usage("train", "factors") == "Usage: rexpand train factors [OPTIONS]"


def test_any_other_word_is_a_network(say: Say) -> None:
    # Options may come before the network, and after it.
    for words in ("factor", "./factors", "--epochs 1 factors", "factor --epochs 1"):
        said = say("train", *words.split())
        assert said.code == 2
        assert "factor" in said.err
    assert "unexpected extra argument" in say("train", "search_18", "more").err


def completed(monkeypatch: pytest.MonkeyPatch, typed: str) -> list[str]:
    """What a shell offers after TAB."""
    words = typed.split(" ")
    monkeypatch.setenv("_REXPAND_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    done = CliRunner().invoke(app, [], prog_name="rexpand")
    return done.stdout.split()


def test_a_shell_completes_both_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "factors" in completed(monkeypatch, "rexpand train fa")
    assert "--fraction" in completed(monkeypatch, "rexpand train factors --fr")
    assert "--pretrained" in completed(monkeypatch, "rexpand train --pre")
    assert "--pretrained" in completed(monkeypatch, "rexpand train search_18 --pre")


def test_a_failure_below_names_the_options_of_the_verb_below() -> None:
    train = get_command(app).commands["train"]  # type: ignore[attr-defined]

    options = {name for each in train.commands["factors"].params for name in each.opts}
    assert "--fraction" in options
    assert "--pretrained" not in options
