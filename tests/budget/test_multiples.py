"""Every network of the catalogue can be solved, sampled and rounded in multiples."""

from itertools import pairwise

import pytest

from rexpand.advise.rounding import roundings
from rexpand.budget import Budget, sample, solve
from rexpand.cost import cost_of
from rexpand.spec import CATALOGUE, NetworkSpec, network, parameterization_of

MULTIPLES = [1, 4, 8]
# Cells look two blocks back, which the nearest channels are not found for.
CHAINS = [
    name
    for name in CATALOGUE
    if not any(block.looks_back for block in network(name).blocks)
]


def budget_of(spec: NetworkSpec) -> Budget:
    return Budget(macs=0.83 * cost_of(spec).macs)


def in_multiples(spec: NetworkSpec, multiple_of: int) -> bool:
    """Whether the channels are multiples of this and of what the blocks ask for."""
    steps = spec.channel_multiples(multiple_of)
    return all(w % step == 0 for w, step in zip(spec.channels, steps, strict=True))


@pytest.mark.parametrize("multiple_of", MULTIPLES)
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_network_is_solved_and_sampled_in_multiples(name, multiple_of):
    spec = network(name)

    solved = solve(
        spec,
        budget_of(spec),
        parameterization_of(spec, "free"),
        multiple_of=multiple_of,
    )
    drawn = sample(spec, budget_of(spec), 2, seed=0, multiple_of=multiple_of)

    assert in_multiples(solved.spec, multiple_of)
    assert all(in_multiples(spec.with_channels(r), multiple_of) for r in drawn.channels)


@pytest.mark.parametrize("name", CHAINS)
def test_every_network_is_rounded_to_multiples(name):
    found = roundings(network(name), MULTIPLES, budget_of(network(name)))

    for row in found.rows:
        assert row.problem == ""
        assert in_multiples(row.nearest.spec, row.multiple_of)
        assert row.nearest.cost.macs <= found.budget.macs


def test_channels_rise_where_a_block_keeps_its_input():
    spec = network("condensenet_74_g4")
    flat = parameterization_of(spec, "stagewise")

    solved = solve(spec, budget_of(spec), flat)

    # Each layer keeps its input and adds to it; a flat stage would add nothing.
    channels = (spec.stem.out_channels, *solved.spec.channels)
    assert all(own - before >= 4 for before, own in pairwise(channels))
