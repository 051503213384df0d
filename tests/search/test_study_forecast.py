"""What a study will take, and what it would take to tell a difference, before it begins."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from finished_trial import FINISHED
from made_up_study import make_study
from rexpand.budget import SHAPES, Budget
from rexpand.records import TrialSummary
from rexpand.search.design import StudyDesign, create_study, extend_study, read_study
from rexpand.search.power import power
from rexpand.search.study_forecast import (
    StudyForecast,
    foretell_fresh,
    foretell_study,
)
from rexpand.search.wanted import pilot_of, wanted
from rexpand.search.workers import Placement
from rexpand.workers import RayCluster

ALONE = Placement()
MINUTE = StudyForecast(trainings=8, at_a_time=1, training_seconds=60.0)


def test_a_study_is_as_many_trainings_as_the_one_whose_steps_were_measured(
    design: StudyDesign,
) -> None:
    forecast = foretell_fresh(design, ALONE)

    # Four trials of two seeds, one at a time.
    assert (forecast.trainings, forecast.at_a_time) == (8, 1)
    assert forecast.measured is not None
    assert forecast.measured.epochs == design.recipe.epochs
    assert forecast.training_seconds == forecast.measured.seconds > 0
    assert forecast.seconds == 8 * forecast.training_seconds


def test_trainings_at_a_time_share_the_hours_and_the_cores(design: StudyDesign) -> None:
    cores = torch.get_num_threads()

    forecast = foretell_fresh(design, Placement(jobs=4, threads=1))

    assert forecast.at_a_time == 4
    assert forecast.seconds == 2 * forecast.training_seconds
    # More workers than trainings help nobody.
    assert replace(forecast, trainings=2).seconds == forecast.training_seconds
    # This process goes on with the threads that it had.
    assert torch.get_num_threads() == cores


def test_a_study_that_goes_on_is_foretold_by_its_own_trials(
    design: StudyDesign, tmp_path: Path
) -> None:
    study = make_study(design, tmp_path / "study", [(50.0, 51.0), (60.0, 61.0)])

    forecast = foretell_study(design, study, ALONE)

    # Two of the four trials are over; their two seeds took one second together.
    assert forecast == StudyForecast(
        trainings=4, at_a_time=1, training_seconds=0.5, trials=2
    )


def test_a_study_that_is_over_or_on_a_cluster_is_not_foretold(
    design: StudyDesign, tmp_path: Path
) -> None:
    over = make_study(design, tmp_path / "study", [(50.0, 51.0)] * 4)

    assert foretell_study(design, over, ALONE) is None
    # The machines of a cluster are not this one.
    assert foretell_study(design, tmp_path, Placement(ray=RayCluster())) is None


def test_a_study_whose_images_are_gone_says_so_itself(
    design: StudyDesign, tmp_path: Path
) -> None:
    lost = replace(design, data="nowhere.npz")

    assert foretell_study(lost, tmp_path, ALONE) is None


def test_a_forecast_leaves_nothing_in_the_study(
    design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    foretell_study(design, tmp_path / "study", ALONE)

    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_the_values_wanted_are_the_fewest_with_the_power(design: StudyDesign) -> None:
    rows = wanted(design, MINUTE, len(SHAPES))

    assert [row.origin for row in rows] == ["assumed"] * 3
    for row in rows:
        assert power(1.0, row.spread, 2, row.needed) >= 0.8
        assert power(1.0, row.spread, 2, row.needed - 1) < 0.8
        # Every one of the four trials with so many seeds; so many trials of two seeds
        # of every shape.
        assert row.seeds_seconds == 4 * row.needed * 60
        assert row.trials_seconds == len(SHAPES) * row.needed * 2 * 60


def test_a_pilot_tells_the_spread_of_seeds_and_of_the_trials_of_a_shape(
    design: StudyDesign,
) -> None:
    pilot = made_up(count=200, between=2.0, within=0.5)

    of_seeds, of_trials = wanted(design, MINUTE, len(SHAPES), pilot)

    # 200 trials of three seeds know both to some percent; the means of three seeds have
    # sqrt(4 + 0.25 / 3).
    assert of_seeds.origin == "seeds"
    assert of_seeds.spread == pytest.approx(0.5, rel=0.15)
    assert of_seeds.trials_seconds is None
    assert of_trials.origin == "trials"
    assert of_trials.spread == pytest.approx(2.02, rel=0.2)
    assert of_trials.seeds_seconds is None


def test_a_pilot_of_one_seed_and_a_trial_a_shape_tells_nothing(
    design: StudyDesign,
) -> None:
    pilot = [replace(FINISHED, shape=shape) for shape in SHAPES]

    assert wanted(design, MINUTE, 5, pilot) == wanted(design, MINUTE, 5)


def test_a_pilot_is_a_study_that_trains_alike(
    design: StudyDesign, tmp_path: Path
) -> None:
    study = make_study(design, tmp_path / "study", [(50.0, 51.0), (60.0, 61.0)])

    larger = replace(design, seeds=9, trials=50, budget=Budget(macs=400_000))
    longer = replace(design, recipe=design.recipe.with_epochs(30))

    assert [trial.accuracy for trial in pilot_of(larger, study)] == [50.5, 60.5]
    # Longer trainings spread otherwise.
    assert pilot_of(longer, study) == []
    assert pilot_of(design, tmp_path / "nothing") == []


def test_an_extended_study_counts_the_trials_that_are_new(
    design: StudyDesign, tmp_path: Path
) -> None:
    study = make_study(design, tmp_path / "study", [(50.0, 51.0)] * 4)
    extend_study(study, 10)

    forecast = foretell_study(read_study(study), study, ALONE)

    assert forecast is not None
    assert forecast.trainings == 6 * 2


def made_up(count: int, between: float, within: float) -> list[TrialSummary]:
    """Trials of three seeds whose accuracies have these standard deviations."""
    rng = np.random.default_rng(0)
    table = rng.normal(60, between, (count, 1)) + rng.normal(0, within, (count, 3))
    return [
        replace(
            FINISHED,
            number=number,
            shape=SHAPES[number % len(SHAPES)],
            seeds=(0, 1, 2),
            accuracies=tuple(row.tolist()),
            accuracy=float(row.mean()),
        )
        for number, row in enumerate(table)
    ]
