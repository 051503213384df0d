"""A mistake's way out is an option of the verb that was typed, as a stranger reads it."""

from collections.abc import Callable
from typing import Any

import pytest

Say = Callable[..., Any]

# What was typed, and the end of its one line.
WAYS_OUT = [
    (
        "solve rexnet_100 --macs 5M",
        "5,000,000; raise --macs, lower --resolution, or pick a smaller network",
    ),
    (
        "solve rexnet_100 --params 1k",
        "you allowed 1,000; raise --params, or pick a smaller network",
    ),
    ("solve rexnet_100", "give --macs and/or --params, e.g. --macs 300M"),
    (
        "solve rexnet_100 --macs 300M --knots 0:0,5:1",
        "--knots needs --parameterization piecewise; give that, or give none",
    ),
    (
        "solve rexnet_100 --macs 300M --parameterization piecewise",
        "a piecewise rule needs --knots, e.g. 0:0,5:1,15:4",
    ),
    ("lint rexnet_100 --select RX003", "has nothing to look at; give --data"),
    ("lint rexnet_100 --select RX010", "has nothing to look at; give --measure"),
    ("lint rexnet_100 --select RX014", "look at; give --target int8"),
    ("lint rexnet_100 --select RX011", "look at; give --multiple-of, above 1"),
    (
        "cost mynett:net",
        "current folder and installed packages); give package.module:factory",
    ),
    ("train search_18 --set lr=0.1", "nearest is optimizer.learning_rate"),
]


@pytest.mark.parametrize(
    ("typed", "told"), WAYS_OUT, ids=[typed for typed, _ in WAYS_OUT]
)
def test_a_way_out_is_an_option(say: Say, typed: str, told: str) -> None:
    said = say(*typed.split())

    assert said.code == 2
    assert said.err.endswith(f"{told}\n"), said.err
    assert said.err.count("\n") == 1


def test_an_option_that_the_verb_lacks_is_not_named(say: Say) -> None:
    said = say("upgrade", "mobilenetv2_100", "--intercept", "200")

    # `upgrade` keeps the network's own macs: it has no --macs to raise.
    assert said.code == 2
    assert "--macs" not in said.err
    assert "give --intercept of at most" in said.err
