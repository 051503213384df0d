"""Fronts, hypervolumes and knees, each against its definition or another program."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from optuna._hypervolume import compute_hypervolume

from rexpand.search.domination import hypervolumes, knees, on_front

Floats = NDArray[np.float64]


@st.composite
def points(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Few values, so that many are equal: accuracies (trials, sets), costs (trials, k)."""
    count, costs = draw(st.integers(1, 9)), draw(st.integers(1, 2))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    return (
        rng.integers(50, 56, (count, 3)).astype(float),
        rng.integers(1, 6, (count, costs)).astype(float),
    )


def is_beaten(accuracies: Floats, costs: Floats, trial: int) -> bool:
    """By the definition: another one is as good in everything, and better or earlier."""
    for other in range(len(accuracies)):
        alike = (
            accuracies[other] == accuracies[trial]
            and (costs[other] == costs[trial]).all()
        )
        as_good = (
            accuracies[other] >= accuracies[trial]
            and (costs[other] <= costs[trial]).all()
        )
        if as_good and (not alike or other < trial):
            return True
    return False


@given(points())
def test_the_front_is_what_its_definition_says(given_: tuple[Floats, Floats]) -> None:
    accuracies, costs = given_

    found = on_front(accuracies, costs)

    for column in range(accuracies.shape[1]):
        for trial in range(len(accuracies)):
            beaten = is_beaten(accuracies[:, column], costs, trial)
            assert found[trial, column] == (not beaten)


@given(points())
def test_the_hypervolume_is_optunas(given_: tuple[Floats, Floats]) -> None:
    accuracies, costs = given_
    accuracy, bounds = 51.5, (4.5, 3.5)[: costs.shape[1]]

    found = hypervolumes(accuracies, costs, accuracy, bounds)

    for column, value in enumerate(found):
        losses = np.column_stack([-accuracies[:, column], costs])
        reference = np.array([-accuracy, *bounds])
        inside = losses[(losses < reference).all(axis=1)]
        expected = compute_hypervolume(inside, reference) if len(inside) else 0.0
        assert value * np.prod(bounds) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_a_hypervolume_is_the_mean_gain_over_all_bounds() -> None:
    # 4 points above the reference from half of the bound on, nothing before.
    assert hypervolumes(np.array([[54.0]]), np.array([[5.0]]), 50.0, [10.0]) == [2.0]


def test_the_knee_is_the_farthest_from_the_line_through_the_ends() -> None:
    # Both ends, one on the line between them, one beyond it, and one that is no member.
    accuracies = np.array([[50.0], [60.0], [55.0], [58.0], [51.0]])
    costs = np.array([[1.0], [11.0], [6.0], [7.0], [9.0]])
    front = on_front(accuracies, costs)

    assert front[:, 0].tolist() == [True, True, True, True, False]
    assert knees(accuracies, costs, front).tolist() == [3]
    straight = np.array([True, True, True, False, False])[:, None]
    # A straight front, and one of two trials, do not turn.
    assert knees(accuracies, costs, straight).tolist() == [-1]
    assert knees(accuracies[:2], costs[:2], front[:2]).tolist() == [-1]


def test_the_knee_of_two_costs_is_the_nearest_to_the_best_of_all() -> None:
    accuracies = np.array([[60.0], [50.0], [50.0], [57.0]])
    costs = np.array([[9.0, 9.0], [1.0, 8.0], [8.0, 1.0], [4.0, 4.0]])

    front = on_front(accuracies, costs)

    # Scaled: 0.3 of accuracy, 3 of 8 in either cost; the others have more than 1.
    assert front.all()
    assert knees(accuracies, costs, front).tolist() == [-1]
    accuracies[3] = 59.0
    assert knees(accuracies, costs, front).tolist() == [3]
