"""`rexpand search run --plan`: what would be drawn, how long it takes, what it tells."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forecasts import LONG_TRAINING
from rexpand.budget import SHAPES, Budget
from rexpand.cli.pace import duration
from rexpand.cli.search_plan import predicted
from rexpand.recipe import RECIPES
from rexpand.search.design import StudyDesign
from rexpand.search.study_forecast import StudyForecast
from rexpand.spec import network
from warm.programs import Programs

Say = Callable[..., Any]
DESIGN = StudyDesign(
    spec=network("search_18"),
    data="digits",
    budget=Budget(macs=300e3),
    trials=100,
    seeds=3,
    recipe=RECIPES["digits"],
)
LONG = StudyForecast(
    trainings=300, at_a_time=2, training_seconds=5000.0, measured=LONG_TRAINING
)
SMALL = "--macs 300k --epochs 1 --train-subset 64 --trials 20 --plan --out study"


def test_a_plan_says_what_is_drawn_how_long_it_takes_and_what_it_can_tell(
    say: Say, tmp_path: Path
) -> None:
    text = say("search", "run", *SMALL.split())
    document = say("search", "run", *SMALL.split(), "--json")

    assert text.code == 0, text.err
    lines = text.out.splitlines()
    assert lines[0].split()[:2] == ["shape", "trials"]
    assert [line.split()[0] for line in lines[1:6]] == list(SHAPES)
    assert lines[6].startswith("predicted: ")
    assert "for 60 trainings of" in lines[6]
    assert lines[7].startswith("to find a difference of 1 point between two means")
    assert lines[8].split()[:3] == ["spread", "of", "values"]
    # A spread of one point needs 18 values of each mean.
    assert ["1.00", "assumed", "18"] in [line.split()[:3] for line in lines]

    found = json.loads(document.out)
    assert [each["trials"] for each in found["shapes"]] == [4] * 5
    forecast = found["forecast"]
    assert forecast["seconds"] == 60 * forecast["measured"]["seconds"] > 0
    assert [each["needed"] for each in found["wanted"]] == [7, 18, 65]
    assert not (tmp_path / "study").exists()


def test_a_search_says_before_it_trains_which_shapes_lack_what(
    say: Say, tmp_path: Path
) -> None:
    network = "--network search_30 --resolution 32 --macs 351M --params 3.1M"
    few = "--trials 20 --train-subset 8 --batch-size 8 --epochs 1 --set validation=10"

    done = say(
        "search", "run", *network.split(), *few.split(), "--plan", "--out", "study"
    )

    assert done.code == 0, done.err
    assert "4 of 4 linear configurations use 7" in done.err
    assert "4 of 4 concave configurations use" in done.err


def test_one_line_has_the_time_of_the_study_and_what_it_is_made_of() -> None:
    assert predicted(LONG, DESIGN) == (
        "predicted: 9 days for 300 trainings of 83 min, 2 at a time (8 steps of one were "
        "measured: 30 epochs of 391 steps of 0.41 s, and 6.25 s to evaluate), 3 of 24 GiB "
        "of memory"
    )


def test_a_rule_that_stops_trials_makes_the_time_the_most_that_it_takes() -> None:
    assert predicted(LONG, replace(DESIGN, pruning="median")).startswith(
        "predicted: at most 9 days for 300 trainings"
    )


def test_the_trials_that_are_over_tell_what_the_rest_takes() -> None:
    rest = StudyForecast(trainings=8, at_a_time=1, training_seconds=600.0, trials=97)

    assert predicted(rest, DESIGN) == (
        "predicted: 80 min for 8 trainings of 10 min, as in the 97 trials that are over"
    )


@pytest.mark.parametrize(
    ("seconds", "words"), [(71 * 3600, "71.0 h"), (100 * 3600, "4 days")]
)
def test_days_are_said_as_days(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_search_says_how_long_it_takes_before_its_first_trial(
    programs: Programs, tmp_path: Path
) -> None:
    asked = "--macs 300k --epochs 2000 --trials 50 --train-subset 64"

    process = programs.start(
        "search", "run", *asked.split(), "--out", str(tmp_path / "study")
    )
    while "left; the next trial ends in" not in process.err:
        assert process.poll() is None, process.err
    process.kill()
    process.wait()

    # The first steps of the first trial come after it.
    told, _, rest = process.err.partition("predicted: ")
    assert "left" not in told
    assert "for 150 trainings of" in rest
