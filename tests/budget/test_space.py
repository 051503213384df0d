"""Points of the unit cube are configurations within the budget, and the other way round."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.budget import Budget, sample, shape_space
from rexpand.cost import costs_of
from rexpand.spec import network

NETWORKS = [
    ("search_18", Budget(macs=30e6, params=205e3)),
    ("search_18", Budget(macs=30e6)),
    ("search_30", Budget(macs=351e6, params=3.1e6)),
    ("search_42", Budget(params=3e6)),
    ("rexnet_100", Budget(macs=400e6)),
]


@pytest.mark.parametrize(("name", "budget"), NETWORKS)
def test_a_configuration_comes_back_from_its_point(name: str, budget: Budget) -> None:
    drawn = sample(name, budget, 50, seed=0).channels
    space = shape_space(name, budget)

    points = space.points(drawn)
    back = space.configurations(points, np.random.default_rng(0))

    assert points.shape == (50, space.size)
    assert points.min() >= 0
    assert points.max() <= 1
    # Rounding may move a block by a channel or two, of up to hundreds.
    for row, found in zip(drawn, back, strict=True):
        assert found is not None
        assert np.abs(row - np.array(found)).max() <= max(2, 0.02 * row[-1])


@settings(deadline=None, max_examples=25)
@given(
    pair=st.sampled_from(NETWORKS),
    seed=st.integers(0, 2**31),
    multiple_of=st.sampled_from([1, 4]),
    max_growth=st.sampled_from([4.0, 16.0]),
)
def test_whatever_a_point_finds_meets_the_budget_and_the_rules(
    pair: tuple[str, Budget], seed: int, multiple_of: int, max_growth: float
) -> None:
    name, budget = pair
    rng = np.random.default_rng(seed)
    space = shape_space(name, budget, multiple_of=multiple_of, max_growth=max_growth)

    rows = space.configurations(rng.random((30, space.size)), rng)

    found = np.array([row for row in rows if row is not None])
    if not len(found):  # coarse multiples of few blocks
        return
    shares = budget.shares(costs_of(network(name), found))
    assert shares.max() <= 1
    assert shares.max(axis=0).min() >= 0.99
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found % multiple_of == 0).all()
    assert (found[:, -1] <= max_growth * found[:, 0]).all()


def test_steps_that_are_equal_are_a_line_and_steps_of_nothing_are_stages() -> None:
    space = shape_space("search_30", Budget(macs=200e6))
    line = np.append(np.ones(space.size - 1), 0.5)
    stages = np.append([0, 0, 1, 0, 0, 0, 1, 0], 0.5)

    found = space.configurations(np.array([line, stages]), np.random.default_rng(0))

    assert found[0] is not None
    assert found[1] is not None
    # A straight line, to a channel.
    assert np.ptp(np.diff(found[0])) <= 1
    assert [len(set(found[1][:3])), len(set(found[1][3:7]))] == [1, 1]
    assert len(set(found[1])) == 3


def test_a_flat_network_is_the_flattest_line() -> None:
    space = shape_space("search_18", Budget(macs=30e6))

    flat = space.points([[40] * 5])

    # No step at all is the flattest line.
    assert flat.tolist() == [[1, 1, 1, 1, 0]]
