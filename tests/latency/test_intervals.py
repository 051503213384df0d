"""Medians with their intervals, and the verdicts that follow."""

from math import log

import numpy as np
import pytest

from rexpand.latency.intervals import median_interval, median_spread, verdict_of

STREAM = np.random.default_rng(12)


def test_the_interval_of_a_median_is_where_resamples_have_theirs() -> None:
    ordered = [float(value) for value in range(1, 16)]

    # P(a resample's median <= x_k) = P(Binomial(15, k / 15) >= 8): 0.4 % for k = 3, and
    # 3.6 % for k = 4, so that 2.5 % are reached at the fourth of fifteen values.
    assert median_interval(ordered) == (4, 12)
    assert median_interval(ordered[:9]) == (2, 8)


def test_of_few_values_the_interval_is_their_range() -> None:
    assert median_interval([3.0, 1.0, 2.0]) == (1, 3)
    assert median_interval([float(value) for value in range(8)]) == (0, 7)
    assert median_spread([7.0]).most == 7


def test_an_interval_holds_the_median_about_as_often_as_it_says() -> None:
    # Exponential times, whose median is log 2; 1,000 samples of 30.
    samples = STREAM.exponential(size=(1000, 30))

    held = sum(
        low <= log(2) <= high
        for low, high in (median_interval(list(each)) for each in samples)
    )

    # Resampling covers 94 % here; three standard deviations are 2.3 %.
    assert 915 <= held <= 970


def test_a_spread_is_median_and_quartiles() -> None:
    found = median_spread([1.0, 2.0, 3.0, 4.0, 5.0])

    assert (found.low, found.median, found.high, found.count) == (2, 3, 4, 5)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([1.04, 1.05, 1.06] * 5, "slower"),
        ([0.94, 0.95, 0.96] * 5, "faster"),
        # Surely slower, but by less than one percent.
        ([1.004, 1.005, 1.006] * 5, "no difference"),
        ([0.9, 1.1] * 8, "no difference"),
        # Three rounds show nothing, whatever they say.
        ([2.0] * 3, "no difference"),
    ],
)
def test_a_verdict_needs_one_percent(ratios: list[float], verdict: str) -> None:
    assert verdict_of(median_spread(ratios)) == verdict


def test_a_network_against_itself_is_called_equal() -> None:
    # 400 comparisons of 30 rounds whose readings scatter by 3 %, as on a busy machine.
    own, other = np.exp(0.03 * STREAM.standard_normal((2, 400, 30)))

    verdicts = [verdict_of(median_spread(list(each))) for each in other / own]

    # An interval of 95 % that must leave 1 % besides errs in fewer than 5 % of cases.
    assert verdicts.count("no difference") >= 0.97 * 400


def test_a_difference_of_three_percent_is_seen_where_readings_scatter_by_one() -> None:
    own, other = np.exp(0.01 * STREAM.standard_normal((2, 100, 30)))

    verdicts = [verdict_of(median_spread(list(each))) for each in 1.03 * other / own]

    assert verdicts.count("slower") >= 99
