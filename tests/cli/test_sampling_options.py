"""`rexpand search run --sampler`: what does not fit is one line, before any training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Say = Callable[..., Any]
STUDY = ("search", "run", "--macs", "300k", "--out", "study")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--sampler", "grid"], "'grid' is not one of"),
        (["--generation", "5"], "--generation 5 is for samplers that propose; add"),
        (
            ["--sampler", "tpe", "--trials", "20"],
            "trials is 20, and the first 20 are a random sample, so that tpe would",
        ),
        (["--sampler", "nsga2", "--generation", "1"], "is 1; give 2 to 100000"),
    ],
)
def test_what_does_not_fit_is_one_line(
    options: list[str], line: str, say: Say, tmp_path: Path
) -> None:
    said = say(*STUDY, *options)

    assert said.code == 2
    assert line in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "study").exists()


def test_a_plan_of_an_adaptive_study_is_its_first_generation(say: Say) -> None:
    said = say(*STUDY, "--sampler", "refine", "--generation", "10", "--plan")

    assert said.code == 0, said.err
    # The first lines are the shapes of the first generation: ten trials.
    assert [line.split()[1] for line in said.out.splitlines()[1:6]] == ["2"] * 5
