"""The noise of a ranking, against made-up studies whose truth is known."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy.stats import kendalltau, t

from finished_trial import FINISHED
from rexpand.records import TrialSummary
from rexpand.search.effects import spread
from rexpand.search.power import power
from rexpand.search.ranking import ranking_noise


def study(count: int, seeds: int, between: float, within: float) -> list[TrialSummary]:
    """Trials whose true accuracies and seeds have these standard deviations."""
    rng = np.random.default_rng(0)
    table = rng.normal(60, between, (count, 1)) + rng.normal(0, within, (count, seeds))
    return [
        replace(
            FINISHED,
            number=number,
            seeds=tuple(range(seeds)),
            accuracies=tuple(row.tolist()),
            accuracy=float(row.mean()),
        )
        for number, row in enumerate(table)
    ]


def test_the_spreads_are_those_that_the_accuracies_were_made_of() -> None:
    noise = ranking_noise(study(400, 3, between=1.0, within=0.5))

    assert noise is not None
    # 400 configurations: standard deviations are known to about 4 %.
    assert noise.between_trials == pytest.approx(1.0, rel=0.12)
    assert noise.spread.residual == pytest.approx(0.5, rel=0.12)
    assert noise.reliability == pytest.approx(1 / (1 + 0.25 / 3), abs=0.03)


def test_tau_is_the_mean_over_pairs_of_seeds() -> None:
    trials = study(30, 3, between=1.0, within=1.0)

    noise = ranking_noise(trials)

    assert noise is not None
    table = np.array([trial.accuracies for trial in trials])
    pairs = [(0, 1), (0, 2), (1, 2)]
    expected = np.mean(
        [kendalltau(table[:, a], table[:, b]).statistic for a, b in pairs]
    )
    assert noise.pairs == 3
    assert noise.tau.mean == pytest.approx(expected)
    assert noise.tau.low is not None
    assert noise.tau.high is not None
    assert noise.tau.low < expected < noise.tau.high


def test_seeds_without_configurations_agree_on_nothing() -> None:
    noise = ranking_noise(study(300, 2, between=0.0, within=1.0))

    assert noise is not None
    # Of 300 pairs in random order tau has a standard deviation of 0.04.
    assert abs(noise.tau.mean) < 0.12
    assert noise.reliability < 0.15


def test_two_differ_from_where_the_t_test_says_so() -> None:
    trials = study(40, 3, between=1.0, within=0.5)

    noise = ranking_noise(trials)

    assert noise is not None
    error = noise.spread.residual * sqrt(2 / 3)
    freedom = noise.spread.degrees_of_freedom
    assert freedom == 39 * 2
    assert noise.smallest_difference == pytest.approx(error * t.ppf(0.975, freedom))
    # The best is compared with 39 others: Bonferroni.
    assert noise.smallest_gap == pytest.approx(error * t.ppf(1 - 0.025 / 39, freedom))
    best = max(trial.accuracy or 0 for trial in trials)
    near = sum((trial.accuracy or 0) > best - noise.smallest_gap for trial in trials)
    assert noise.near_best == near - 1


def test_the_seeds_needed_have_the_power() -> None:
    trials = study(40, 3, between=1.0, within=0.5)

    noise = ranking_noise(trials)

    assert noise is not None
    assert [each.effect for each in noise.needed] == [0.3, 0.5, 1.0]
    table = np.array([trial.accuracies for trial in trials])
    found = spread(table)
    assert found is not None
    for each in noise.needed:
        # Two configurations with so many seeds each: 80 %, and with one fewer not.
        assert power(each.effect, found.residual, 2, each.seeds) >= 0.8
        assert power(each.effect, found.residual, 2, each.seeds - 1) < 0.8
        assert each.low <= each.seeds <= each.high
    assert power(noise.told_apart, found.residual, 2, 3) == pytest.approx(0.8)


@pytest.mark.parametrize(("count", "seeds"), [(2, 3), (20, 1)])
def test_too_few_trials_or_seeds_say_nothing(count: int, seeds: int) -> None:
    assert ranking_noise(study(count, seeds, between=1.0, within=0.5)) is None


def test_seeds_that_change_nothing_leave_no_doubt() -> None:
    noise = ranking_noise(study(20, 2, between=1.0, within=0.0))

    assert noise is not None
    assert noise.tau.mean == pytest.approx(1)
    # Sums of accuracies round, so the residual is not exactly 0.
    assert noise.smallest_gap < 1e-9
    assert noise.reliability == pytest.approx(1)


def test_a_study_that_has_finished_nothing_has_no_noise() -> None:
    assert ranking_noise([]) is None


def test_seeds_that_some_trials_lack_are_left_out() -> None:
    whole = study(10, 3, 1.0, 0.5)
    short = [replace(whole[0], accuracies=whole[0].accuracies[:2]), *whole[1:]]
    two = [replace(trial, accuracies=trial.accuracies[:2]) for trial in whole]

    assert ranking_noise(short) == ranking_noise(two)
