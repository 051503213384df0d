"""`rexpand scale`: a phi or bounds, one document, a spec file that other verbs read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]


def test_a_phi_gives_the_network_and_what_it_costs(say: Say, tmp_path: Path) -> None:
    out = tmp_path / "net.toml"

    said = say("scale", "search_18", "--phi", "1", "--json", "--out", str(out))
    cost = say("cost", str(out), "--json")

    document, costed = json.loads(said.out), json.loads(cost.out)
    assert (document["phi"], document["fill"]) == (1, None)
    assert document["resolution"] == 40
    for count in ("params", "macs"):
        assert document[count] == costed[count]
    assert document["peak_memory_bytes"] == 4 * document["peak_activations"]
    assert "wrote" in said.err


def test_bounds_are_filled_and_said(say: Say) -> None:
    said = say("scale", "search_18", "--macs", "60M", "--params", "1M")

    assert said.code == 0, said.err
    channels, rule, costs, filled = said.out.splitlines()
    assert "alpha beta^2 gamma^2 = 1.92" in rule
    assert "MB in fp32" in costs
    assert filled.endswith("allowed")
    assert channels.count("-") == 4


def test_a_precision_makes_the_maps_smaller(say: Say) -> None:
    bound = ("scale", "search_18", "--peak-memory", "200k", "--json")

    full, quarter = (
        json.loads(say(*bound, "--precision", each).out) for each in ("fp32", "int8")
    )

    assert max(full["peak_memory_bytes"], quarter["peak_memory_bytes"]) <= 200_000
    assert quarter["phi"] > full["phi"]
    assert quarter["tightest"] == "peak_bytes"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("scale rexnet_100", "give either --phi, or one or more of"),
        ("scale rexnet_100 --phi 1 --macs 1M", "give either --phi, or one or more of"),
        ("scale rexnet_10 --phi 1", "unknown network 'rexnet_10'"),
        ("scale rexnet_100 --phi 1 --alpha 0.5", "alpha"),
        ("scale timm:resnet18 --phi 1", "no family that builds it at another size"),
        ("scale rexnet_100 --macs 1k", "times the macs that are allowed"),
        ("scale rexnet_100 --phi 10 --gamma 2", "resolution"),
    ],
)
def test_a_mistake_is_one_line(typed: str, said: str, say: Say) -> None:
    done = say(*typed.split())

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


def test_the_bases_are_searched_and_the_winner_is_a_spec_file(
    say: Say, tmp_path: Path
) -> None:
    folder, out = tmp_path / "search", tmp_path / "net.toml"
    command = (
        *("scale", "search_18:width_mult=0.2", "--search", "--parts", "1"),
        *("--epochs", "1", "--train-subset", "100", "--seeds", "1"),
        *("--folder", str(folder)),
    )

    planned = say(*command, "--plan")
    said = say(*command, "--out", str(out))
    again = say(*command, "--json")

    # The plan trains nothing and leaves nothing; both say how many networks there are.
    assert "3 networks of at most" in planned.out
    assert "3 trainings on digits" in planned.out
    assert "winner: alpha" in said.out
    document = json.loads(again.out)
    assert document["rows"][document["winner"]]["behind"] is None
    cost = json.loads(say("cost", str(out), "--json").out)
    assert cost["macs"] == document["rows"][document["winner"]]["macs"]
    assert cost["macs"] <= document["macs"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--alpha", "1.2"), "leave out --alpha"),
        (("--macs", "10M"), "leave out --alpha"),
        (("--phi", "-1"), "give more than 0"),
        (("--data", "nowhere"), "nowhere"),
    ],
)
def test_what_a_search_cannot_take_is_refused_before_it_trains(
    say: Say, tmp_path: Path, options: tuple[str, str], expected: str
) -> None:
    folder = tmp_path / "search"

    said = say("scale", "search_18", "--search", "--folder", str(folder), *options)

    assert said.code == 2
    assert expected in said.err
    assert not folder.exists()
