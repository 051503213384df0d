"""The time and the memory of a training are told before it takes them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forecasts import LONG_TRAINING
from rexpand.cli.forecast import expected
from rexpand.cli.progress import Bars, TrainingBar

Say = Callable[..., Any]


def test_one_line_has_the_time_and_the_memory() -> None:
    assert expected(LONG_TRAINING, 1) == (
        "expected: 83 min (30 epochs of 391 steps of 0.41 s, and 6.25 s to evaluate), "
        "1.5 of 24 GiB of memory"
    )


def test_a_training_that_seldom_judges_says_how_often() -> None:
    seldom = replace(LONG_TRAINING, evaluations=3)

    assert "0.41 s, and 3 times 6.25 s to evaluate" in expected(seldom, 1)
    once = replace(LONG_TRAINING, evaluations=1)
    assert "0.41 s, and once 6.25 s to evaluate" in expected(once, 1)


def test_several_seeds_are_told_together() -> None:
    assert expected(LONG_TRAINING, 5).startswith(
        "expected: 6.9 h for 5 seeds (30 epochs"
    )


def test_a_training_that_does_not_fit_is_told_the_batch_that_would() -> None:
    large = replace(LONG_TRAINING, peak_bytes=30 * 2**30, largest_batch=96)

    assert expected(large, 1).endswith(
        "30 of 24 GiB of memory; a batch of 96 would fit"
    )


@pytest.mark.parametrize(
    ("seconds", "seeds", "is_told"),
    [(59.0, 1, False), (61.0, 1, True), (31.0, 2, True)],
)
def test_only_what_takes_a_minute_is_told_of(
    seconds: float, seeds: int, is_told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bars() as bars:
        bar = TrainingBar(bars, trainings=seeds)
        bar.expect(replace(LONG_TRAINING, seconds=seconds))

        # The second seed says nothing more.
        bar.expect(replace(LONG_TRAINING, seconds=seconds))

    assert capsys.readouterr().err.count("expected:") == is_told


def test_a_plan_is_all_that_is_done(say: Say, tmp_path: Path) -> None:
    said = say(
        *[
            "train",
            "search_18",
            "--train-subset",
            "100",
            "--seeds",
            "3",
            "--plan",
            "--json",
        ]
    )

    plan = json.loads(said.out)
    assert said.code == 0
    assert plan["total_seconds"] == 3 * plan["seconds"] > 0
    assert plan["fits"] is True
    assert [*tmp_path.iterdir()] == []


def test_a_plan_is_two_lines_for_people(say: Say) -> None:
    said = say(*["train", "search_18", "--train-subset", "100", "--plan"])

    first, second = said.out.splitlines()
    assert first.startswith("expected: ")
    assert second.startswith("measured on ")


def test_the_rows_of_a_factor_analysis_are_told_before_it(
    say: Say, tmp_path: Path
) -> None:
    typed = ("rank", "factors", "--data", "digits", "--macs", "300k", "--epochs", "2")
    few = ("--recipe", "digits", "--train-subset", "200", "--seeds", "5", "--plan")

    rows = json.loads(say(*typed, *few, "--json").out)

    assert list(rows) == ["baseline", "first 1x1", "bottleneck", "activation"]
    for row in rows.values():
        assert row["seeds"] == 5
        assert row["total_seconds"] == 5 * row["seconds"] > 0
    # It leaves nothing.
    assert not list(tmp_path.iterdir())
