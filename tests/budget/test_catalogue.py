"""Every network of the catalogue is a search space: its channels, within a budget."""

import numpy as np
import pytest

from rexpand.budget import Budget, sample
from rexpand.cost import cost_of
from rexpand.spec import CATALOGUE, network

# The smallest of each family: the others have the same rules.
FAMILIES = {network(name).family: name for name in sorted(CATALOGUE, reverse=True)}
_SHARE = 0.8  # of its own cost


def check(name: str, bound: str) -> None:
    spec = network(name)
    budget = Budget(**{bound: _SHARE * getattr(cost_of(spec), bound)})

    drawn = sample(spec, budget, 5, seed=0)

    # What is drawn can be built, and costs what was said: at most the bound, 1 % below.
    for row, macs, params in zip(drawn.channels, drawn.macs, drawn.params, strict=True):
        cost = cost_of(spec.with_channels(row))
        assert (cost.macs, cost.params) == (macs, params)
        assert 0.99 <= budget.fill(cost)[0] <= 1
    assert len(np.unique(drawn.channels, axis=0)) == 5


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_network_is_drawn_within_macs(name: str) -> None:
    check(name, "macs")


@pytest.mark.parametrize("name", FAMILIES.values())
def test_a_network_of_each_family_is_drawn_within_params(name: str) -> None:
    check(name, "params")


def test_a_shape_that_a_family_cannot_have_is_said() -> None:
    spec = network("condensenet_74_g4")
    budget = Budget(macs=_SHARE * cost_of(spec).macs)

    drawn = sample(spec, budget, 5, seed=0)

    # Every block adds channels to its input: there are no stages of equal width.
    assert [str(each) for each in drawn.shortfalls] == [
        "only 0 of 1 stagewise configurations were found"
    ]
