"""Distributions of accuracy, against scipy's and against curves worked by hand."""

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, ttest_ind

from finished_trial import FINISHED
from rexpand.records import TrialSummary
from rexpand.search.distributions import (
    error_distribution,
    holm,
    shape_accuracies,
    shape_comparisons,
)


def trials(accuracies: list[float], shape: str = "linear") -> list[TrialSummary]:
    return [replace(FINISHED, accuracy=each, shape=shape) for each in accuracies]


def test_the_curve_counts_the_trials_with_at_most_an_error() -> None:
    found = error_distribution(trials([70.0, 60.0, 80.0, 60.0]))

    assert found is not None
    assert found.error == (20, 30, 40, 40)
    assert found.share == (0.25, 0.5, 0.75, 1)
    # Massart's constant in the inequality of Dvoretzky, Kiefer and Wolfowitz.
    assert found.reach == pytest.approx(sqrt(log(40) / 8))
    assert found.low[0] == 0
    assert found.high[-1] == 1


def test_the_band_holds_the_true_curve_in_nineteen_of_twenty_studies() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(200):
        found = error_distribution(trials((100 * rng.random(40)).tolist()))
        assert found is not None
        error, high, low = (np.array(x) for x in (found.error, found.high, found.low))
        # Uniform accuracies: the share with at most an error is the error.
        before = np.concatenate([[0.0], np.array(found.share)[:-1]]) + found.reach
        inside += bool((error / 100 >= low).all() and (error / 100 <= before).all())
        assert (low <= high).all()
    # The inequality is a bound, so a little more than 190; 4 standard deviations below.
    assert inside >= 178


def test_light_trials_count_less() -> None:
    heavy, light = trials([60.0, 80.0])

    found = error_distribution([heavy, replace(light, weight=0.25)])

    assert found is not None
    assert found.share == (pytest.approx(0.2), 1)
    assert found.count == pytest.approx(1.25**2 / (1 + 0.25**2))


def test_of_ten_thousand_trials_some_points_are_left_out() -> None:
    found = error_distribution(trials(np.linspace(50, 70, 10_000).tolist()))

    assert found is not None
    assert len(found.error) == 400
    assert (found.error[0], found.error[-1]) == (30, 50)
    assert found.share[-1] == 1


def test_no_trial_has_no_distribution() -> None:
    assert error_distribution([]) is None


def test_two_shapes_are_compared_as_scipy_compares_them() -> None:
    rng = np.random.default_rng(0)
    lines, steps = rng.normal(62, 1, 30), rng.normal(61, 2, 20)
    pool = trials(steps.tolist(), "stagewise") + trials(lines.tolist())

    (found,) = shape_comparisons(pool)

    assert (found.first, found.second) == ("linear", "stagewise")
    welch, ks = ttest_ind(lines, steps, equal_var=False), ks_2samp(lines, steps)
    assert found.difference == pytest.approx(lines.mean() - steps.mean())
    assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval()))
    assert found.p_value == found.adjusted == pytest.approx(welch.pvalue)
    assert (found.ks_distance, found.ks_p_value) == (ks.statistic, ks.pvalue)


def test_a_shape_of_equal_trials_is_compared_too() -> None:
    pool = trials([49.5, 49.5]) + trials([50.0, 52.0, 54.0], "knots")

    (found,) = shape_comparisons(pool)

    # Two degrees of freedom: t at 95 % is 4.303, the standard error 2 / sqrt(3).
    assert found.difference == -2.5
    assert found.low == pytest.approx(-2.5 - 4.30265 * 2 / 3**0.5, abs=1e-4)


def test_shapes_are_summed_up_in_the_order_of_the_sampler() -> None:
    pool = trials([60.0, 70.0], "knots") + trials([50.0])

    lines, knots = shape_accuracies(pool)

    assert (lines.shape, lines.best, lines.accuracy.low) == ("linear", 50, None)
    assert (knots.shape, knots.best, knots.accuracy.mean) == ("knots", 70, 65)
    # One trial has no spread to compare with.
    assert shape_comparisons(pool) == ()


def test_equal_accuracies_differ_by_nothing() -> None:
    (found,) = shape_comparisons(trials([60.0] * 3, "knots") + trials([60.0] * 3))

    assert (found.difference, found.low, found.high, found.p_value) == (0, 0, 0, 1)


def test_holm_is_as_in_a_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_adjusted_values_keep_their_order_and_are_no_smaller(
    values: list[float],
) -> None:
    adjusted = holm(values)

    assert all(own <= new <= 1 for own, new in zip(values, adjusted, strict=True))
    order = np.argsort(values, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()
    # The smallest is multiplied by the number of tests, as by Bonferroni.
    assert min(adjusted) == pytest.approx(min(1.0, min(values) * len(values)))


def test_two_shapes_that_hardly_differ_are_compared_in_silence() -> None:
    # scipy's exact p of these is just above 1, of which it warns; found in a study.
    concave = [15.73, 15.99, 15.92, 16.4, 14.42]
    stagewise = [16.29, 15.809999999999999, 15.23, 15.940000000000001, 12.96]

    (found,) = shape_comparisons(trials(concave, "concave") + trials(stagewise))

    assert found.ks_distance == pytest.approx(0.2)
    assert found.ks_p_value == pytest.approx(1.0, abs=1e-3)
