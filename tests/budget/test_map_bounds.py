"""Activations and memory access as bounds: solved and sampled as latency is."""

import numpy as np
import pytest

from rexpand.budget import Budget, nearest, sample, solve
from rexpand.budget.quadratic import quadratics
from rexpand.cost import cost_of, costs_of
from rexpand.errors import BudgetError
from rexpand.spec import network, relaxed

SPEC = network("search_18").with_classes(10)
OWN = cost_of(SPEC)
NAMES = ("activations", "memory_access")


@pytest.mark.parametrize("name", NAMES)
def test_a_count_of_elements_is_a_quadratic_along_a_line(name):
    shapes = np.array([[0.0, 0.25, 0.5, 0.75, 1.0]])

    surface = quadratics(SPEC, shapes)[name].of(0)

    for slope, intercept in ((0, 5), (40, 16), (123.4, 7.5)):
        row = slope * shapes + intercept
        expected = getattr(costs_of(relaxed(SPEC), row), name)[0]
        assert surface.at(slope, intercept) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [1.0, 1.5])
def test_the_solver_fills_such_a_bound(name, share):
    bound = share * getattr(OWN, name)

    solution = solve(SPEC, Budget(**{name: bound}))

    assert 0.995 * bound <= getattr(solution.cost, name) <= bound


@pytest.mark.parametrize("name", NAMES)
def test_the_tightest_of_several_bounds_is_filled(name):
    bound = 1.2 * getattr(OWN, name)

    tight = solve(SPEC, Budget(macs=2 * OWN.macs, **{name: bound}))
    loose = solve(SPEC, Budget(macs=1.2 * OWN.macs, **{name: 2 * bound}))

    assert 0.995 * bound <= getattr(tight.cost, name) <= bound
    assert 0.995 * 1.2 * OWN.macs <= loose.cost.macs <= 1.2 * OWN.macs


def test_every_configuration_keeps_to_all_bounds_by_construction():
    budget = Budget(macs=OWN.macs, memory_access=0.95 * OWN.memory_access)

    drawn = sample(SPEC, budget, 40, seed=0)

    found = costs_of(SPEC, drawn.channels)
    shares = budget.shares(found)
    assert (shares <= 1).all()
    assert (shares.max(axis=0) >= 0.99).all()
    # The sample says what each configuration costs.
    assert drawn.activations.tolist() == found.activations.tolist()
    assert drawn.memory_access.tolist() == found.memory_access.tolist()


def test_a_bound_that_no_network_meets_is_refused_with_the_least_one():
    with pytest.raises(BudgetError, match=r"at least [\d,]+ activations at 32 px"):
        solve(SPEC, Budget(activations=100))


def test_the_nearest_channels_know_macs_and_params_alone():
    with pytest.raises(BudgetError, match="activations is 1e\\+09, and the nearest"):
        nearest(SPEC, SPEC.channels, Budget(macs=OWN.macs, activations=1e9))
