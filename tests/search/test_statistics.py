"""The statistics of a study, each against a case that can be worked by hand."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finished_trial import FINISHED
from rexpand.records import TrialSummary
from rexpand.search.lines import line_band
from rexpand.search.statistics import (
    fit_line,
    group_of,
    linearity,
    permutation_test,
    rank_correlations,
    summarise_group,
)


def trial(
    number: int, channels: tuple[int, ...], accuracy: float, macs: int = 100
) -> TrialSummary:
    return replace(
        FINISHED,
        number=number,
        channels=channels,
        accuracies=(accuracy,),
        accuracy=accuracy,
        macs=macs,
    )


def test_groups_are_the_papers_tenths() -> None:
    groups = [group_of(rank, 100) for rank in range(100)]

    # Top 10 %, ranks 50 to 60 %, bottom 10 % (arXiv 2007.00992, Section 4.3).
    assert groups[:10] == ["top"] * 10
    assert groups[50:60] == ["middle"] * 10
    assert groups[90:] == ["bottom"] * 10
    assert groups.count(None) == 70


@given(st.integers(3, 400))
def test_every_group_has_a_member_and_no_trial_has_two(trials: int) -> None:
    groups = [group_of(rank, trials) for rank in range(trials)]

    size = max(1, trials // 10)
    assert [groups.count(name) for name in ("top", "middle", "bottom")] == [size] * 3


def test_two_trials_make_no_groups() -> None:
    assert [group_of(rank, 2) for rank in range(2)] == [None, None]


def test_a_line_fits_itself() -> None:
    assert fit_line([16 + 11.25 * i for i in range(16)]) == pytest.approx(
        (11.25, 16, 1)
    )


def test_equal_channels_are_a_flat_line() -> None:
    assert fit_line([7, 7, 7]) == (0, 7, 1)


@given(st.lists(st.integers(1, 300), min_size=3, max_size=16))
def test_the_fit_is_numpys(channels: list[int]) -> None:
    slope, intercept, r_squared = fit_line(channels)

    expected = np.polyfit(range(len(channels)), channels, 1)
    assert (slope, intercept) == pytest.approx(tuple(expected), abs=1e-6)
    assert -1e-9 <= r_squared <= 1 + 1e-9


def test_a_difference_that_no_regrouping_reaches_has_the_least_p() -> None:
    low = [trial(i, (10 + i, 10 + i), 50) for i in range(4)]
    high = [trial(4 + i, (90 + i, 90 + i), 60) for i in range(4)]

    test = permutation_test(
        summarise_group("top", high), summarise_group("bottom", low), low + high, seed=0
    )

    # Of the C(8, 4) regroupings only the observed one and its mirror are so far apart.
    assert test.permutations == 70
    assert test.p_value == pytest.approx(2 / 70)


def test_the_exact_test_counts_every_regrouping() -> None:
    values = (10, 40, 20, 30, 60, 50)
    trials = [trial(i, (width, 2 * width), 50) for i, width in enumerate(values)]
    first = summarise_group("top", trials[:3])
    second = summarise_group("bottom", trials[3:])

    test = permutation_test(first, second, trials, seed=0)

    # Worked out by brute force over the C(6, 3) regroupings.
    gaps = [
        abs(
            sum(values[i] for i in chosen) / 3
            - (210 - sum(values[i] for i in chosen)) / 3
        )
        for chosen in combinations(range(6), 3)
    ]
    observed = gaps[0]
    share = sum(gap >= observed - 1e-9 for gap in gaps) / len(gaps)
    assert test.p_value == pytest.approx(share)


def test_chance_gives_evenly_spread_p_values() -> None:
    rng = np.random.default_rng(0)
    p_values = []
    for _ in range(200):
        rows = rng.integers(10, 100, (8, 3))
        trials = [trial(i, tuple(map(int, row)), 50) for i, row in enumerate(rows)]
        first = summarise_group("top", trials[:4])
        second = summarise_group("bottom", trials[4:])
        p_values.append(permutation_test(first, second, trials, seed=0).p_value)

    # A test at level 0.1 must err in about a tenth of the cases that are pure chance.
    assert 0.04 < np.mean(np.array(p_values) <= 0.1) < 0.17


def test_random_regroupings_are_drawn_some_at_a_time_and_the_observed_one_is_first() -> (
    None
):
    rng = np.random.default_rng(0)
    rows = rng.integers(10, 100, (30, 3))
    trials = [trial(i, tuple(map(int, row)), 50) for i, row in enumerate(rows)]
    first = summarise_group("top", trials[:15])
    second = summarise_group("bottom", trials[15:])

    test = permutation_test(first, second, trials, seed=0)

    assert test.permutations == 10_000
    gaps = np.array(first.channels_mean) - np.array(second.channels_mean)
    assert test.distance == pytest.approx(np.sqrt((gaps**2).mean()))
    # Without any relation the observed distance is an ordinary one.
    assert 0.01 < test.p_value < 0.99


def test_a_light_trial_moves_the_mean_of_its_group_less() -> None:
    heavy = trial(0, (10, 20), 60.0)
    light = replace(trial(1, (30, 60), 64.0), weight=0.25)

    group = summarise_group("top", [heavy, light])

    assert group.channels_mean == pytest.approx((14, 28))
    assert group.accuracy_mean == pytest.approx(60.8)


def test_the_band_of_a_line_holds_the_true_line_in_nineteen_of_twenty_groups() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        rows = (
            20
            + 5 * np.arange(4)
            + rng.normal(0, 4, (20, 1))
            + rng.normal(0, 2, (20, 4))
        )
        band = line_band(rows, np.ones(20), seed=0)
        assert band is not None
        inside += band.slope_low <= 5 <= band.slope_high
        assert (np.array(band.low) <= np.array(band.high)).all()
    # A bootstrap over 20 trials is a little too narrow; three standard deviations below.
    assert 86 <= inside <= 100


def test_the_band_of_equal_lines_is_the_line() -> None:
    band = line_band(np.array([[4.0, 6.0, 8.0]] * 5), np.ones(5), seed=0)

    assert band is not None
    assert band.low == band.high == pytest.approx((4, 6, 8))
    assert (band.slope_low, band.intercept_high) == pytest.approx((2, 4))


def test_linearity_is_that_of_each_fitted_line() -> None:
    rows = [(10, 20, 30), (10, 10, 90), (7, 7, 7), (5, 9, 8)]

    found = linearity(rows)

    assert found.tolist() == pytest.approx([fit_line(row)[2] for row in rows])


def test_rank_correlations_say_nothing_of_a_constant() -> None:
    trials = [
        trial(0, (10, 20, 30), accuracy=60, macs=1),
        trial(1, (10, 20, 60), accuracy=55, macs=2),
        trial(2, (10, 10, 90), accuracy=50, macs=3),
    ]

    correlations = rank_correlations(trials)

    # Accuracy falls as macs rise and as the line bends; params are all the same.
    assert correlations["macs"] == pytest.approx(-1)
    assert correlations["linearity"] == pytest.approx(1)
    assert "params" not in correlations
    assert "nuclear_norm" not in correlations


def test_two_trials_correlate_with_nothing() -> None:
    assert rank_correlations([trial(0, (1, 2), 50.0), trial(1, (2, 3), 60.0)]) == {}
    assert rank_correlations([]) == {}


def test_ties_share_their_rank() -> None:
    from scipy.stats import spearmanr

    accuracies, macs = [50, 50, 60, 70, 60], [1, 2, 2, 5, 4]
    trials = [
        trial(i, (10, 20), accuracy=a, macs=m)
        for i, (a, m) in enumerate(zip(accuracies, macs, strict=True))
    ]

    assert rank_correlations(trials)["macs"] == pytest.approx(
        spearmanr(accuracies, macs).statistic
    )


def test_spreads_are_those_of_a_sample() -> None:
    trials = [trial(0, (4, 10), 60.0), trial(1, (8, 10), 63.0), trial(2, (9, 10), 66.0)]

    group = summarise_group("top", trials)

    # Over n - 1, by hand: accuracies 60, 63, 66; first channels 4, 8, 9.
    assert group.accuracy_std == pytest.approx(3.0)
    assert group.channels_std == pytest.approx((7**0.5, 0.0))
    assert group.macs_std == 0


def test_a_group_of_one_has_no_spread() -> None:
    group = summarise_group("top", [trial(0, (4, 10), 60.0)])

    assert group.accuracy_std is group.params_std is group.macs_std is None
    assert group.channels_std == (None, None)
    assert group.band is None
