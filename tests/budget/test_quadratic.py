import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.budget.quadratic import quadratics
from rexpand.cost import costs_of
from rexpand.spec import CATALOGUE, network, relaxed

NAMES = st.sampled_from(list(CATALOGUE))
SLOPES = st.floats(0, 100)


@settings(deadline=None, max_examples=40)
@given(name=NAMES, slope=SLOPES, intercept=SLOPES, seed=st.integers(0, 99))
def test_six_costs_give_the_whole_surface(name, slope, intercept, seed):
    spec = network(name)
    shapes = np.random.default_rng(seed).random((3, spec.depth))

    surfaces = quadratics(spec, shapes)

    # Exactly quadratic in slope and intercept: any seventh cost lies on it.
    cost = costs_of(relaxed(spec), slope * shapes + intercept)
    for bound in ("macs", "params"):
        assert surfaces[bound].at(slope, intercept) == pytest.approx(
            getattr(cost, bound)
        )


@settings(deadline=None, max_examples=40)
@given(name=NAMES, slope=SLOPES, intercept=SLOPES)
def test_the_slope_of_a_cost_is_the_way_back(name, slope, intercept):
    spec = network(name)
    shapes = np.arange(spec.depth)[None] / spec.depth
    surface = quadratics(spec, shapes)["macs"].of(0)

    found = surface.slope_for(surface.at(slope, intercept), intercept)

    # Where a cost is possible, its slope gives that cost again.
    assert surface.at(found, intercept) == pytest.approx(surface.at(slope, intercept))
    assert found == pytest.approx(slope, rel=1e-6, abs=1e-4)


def test_the_flat_line_of_a_cost_is_the_way_back():
    surface = quadratics(network("rexnet_100"), np.ones((1, 16)))["params"].of(0)

    assert surface.flat_for(surface.at(0.0, 64.0)) == pytest.approx(64)


def test_a_cost_that_is_impossible_has_no_slope():
    surface = quadratics(network("rexnet_100"), np.ones((1, 16)))["macs"].of(0)

    # Not a number rather than a wrong one; stem and head alone cost more.
    assert np.isnan(surface.slope_for(-1e12, 16.0))
