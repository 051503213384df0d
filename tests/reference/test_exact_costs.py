"""Exact costs of the catalogue, committed: no change of code moves a number unseen.

A number that is meant to move is written here by hand and under Numbers in the
CHANGELOG.
"""

import json
from pathlib import Path

import pytest

from rexpand.cost import cost_of
from rexpand.spec import CATALOGUE, network

EXACT = json.loads((Path(__file__).parent / "exact_costs.json").read_text())


@pytest.mark.parametrize("name", CATALOGUE)
def test_params_and_macs_are_those_committed(name):
    cost = cost_of(network(name))

    # To the last parameter and the last multiply-accumulate.
    assert {"params": cost.params, "macs": cost.macs} == EXACT[name]


def test_every_network_has_exact_costs_and_every_cost_a_network():
    assert list(EXACT) == list(CATALOGUE)
