"""The nearest whole channels within a budget, against every configuration there is."""

import time
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.budget import Budget, nearest
from rexpand.cost import cost_of, costs_of
from rexpand.errors import BudgetError
from rexpand.spec import (
    InvertedBottleneck,
    NetworkSpec,
    SqueezeExcite,
    Stem,
    network,
    rexnet,
)
from rexpand.spec.head import Head

SQUEEZE = SqueezeExcite(reduction=4, multiple_of=8)


def small(channels, *, non_decreasing=True, squeeze=None) -> NetworkSpec:
    blocks = tuple(
        InvertedBottleneck(
            out_channels=width,
            stride=1 + (index == 1),
            expand_ratio=2.5,
            expand_multiple=4,
            squeeze_excite=squeeze,
        )
        for index, width in enumerate(channels)
    )
    return NetworkSpec(
        name="small",
        family="small",
        stem=Stem(out_channels=6),
        blocks=blocks,
        head=Head(channels=20),
        resolution=16,
        num_classes=5,
        non_decreasing=non_decreasing,
    )


def exhaustive(spec, target, budget, multiple_of, most=60):
    """The least sum of squares over every configuration within the budget."""
    widths = range(multiple_of, most, multiple_of)
    rows = np.array(list(product(widths, repeat=spec.depth)), dtype=float)
    if spec.non_decreasing:
        rows = rows[(np.diff(rows, axis=1) >= 0).all(axis=1)]
    fits = budget.fill(costs_of(spec, rows)) <= 1
    return ((rows[fits] - np.array(target)) ** 2).sum(axis=1).min()


@settings(max_examples=40, deadline=None)
@given(
    target=st.lists(st.floats(2, 40), min_size=3, max_size=3),
    share=st.floats(0.5, 1.2),
    both=st.booleans(),
    multiple_of=st.sampled_from([4, 8]),
    non_decreasing=st.booleans(),
    squeeze=st.sampled_from([None, SQUEEZE]),
)
def test_no_configuration_is_nearer(
    target, share, both, multiple_of, non_decreasing, squeeze
):
    flat = [max(1, round(width)) for width in sorted(target)]
    spec = small(flat, non_decreasing=non_decreasing, squeeze=squeeze)
    cost = cost_of(spec)
    least = cost_of(spec.with_channels([multiple_of] * 3))
    macs = max(least.macs, share * cost.macs)
    params = max(least.params, share * cost.params) if both else None
    budget = Budget(macs=macs, params=params)

    found = nearest(spec, target, budget, multiple_of=multiple_of)

    best = exhaustive(spec, target, budget, multiple_of)
    assert found.is_exact
    assert found.distance**2 * 3 == pytest.approx(best, abs=1e-6)
    # And what is given keeps the budget, in multiples, in order.
    assert found.cost.macs <= macs
    assert params is None or found.cost.params <= params
    assert all(width % multiple_of == 0 for width in found.spec.channels)
    assert not non_decreasing or list(found.spec.channels) == sorted(
        found.spec.channels
    )


def test_a_network_is_nearest_to_itself():
    spec = rexnet(name="rexnet", width_mult=1.0)
    budget = Budget(macs=cost_of(spec).macs)

    found = nearest(spec, spec.channels, budget)

    assert found.spec.channels == spec.channels
    assert found.distance == 0


def test_together_is_nearer_than_block_by_block_within_the_budget():
    spec = network("mobilenetv2_100")
    macs = cost_of(spec).macs

    found = nearest(spec, spec.channels, Budget(macs=macs), multiple_of=32)

    # Block by block the widths of 16 and 24 round up, far beyond the budget.
    alone = [max(32, 32 * round(width / 32)) for width in spec.channels]
    assert cost_of(spec.with_channels(alone)).macs > macs
    assert found.cost.macs <= macs
    assert found.is_exact


@pytest.mark.parametrize("multiple_of", [1, 4, 8, 16, 32])
def test_fifty_blocks_take_less_than_a_second(multiple_of):
    spec = network("efficientnet_b7")
    assert spec.depth >= 50
    budget = Budget(macs=0.97 * cost_of(spec).macs)
    started = time.process_time()

    found = nearest(spec, spec.channels, budget, multiple_of=multiple_of)

    assert time.process_time() - started < 1
    assert found.is_exact


def test_widths_that_groups_must_divide_stay_divisible():
    block = InvertedBottleneck(out_channels=12, groups=3, expand_ratio=2)
    spec = replace(small([12, 12, 12]), blocks=(block, block, block))

    found = nearest(
        spec, [13.0, 15.0, 17.0], Budget(macs=2 * cost_of(spec).macs), multiple_of=4
    )

    assert all(width % 12 == 0 for width in found.spec.channels)


def test_a_target_of_other_blocks_and_a_budget_of_nothing_are_refused():
    spec = small([8, 8, 8])

    with pytest.raises(BudgetError, match="2 widths for 3 blocks"):
        nearest(spec, [8.0, 8.0], Budget(macs=1e9))
    with pytest.raises(BudgetError, match="small needs at least"):
        nearest(spec, [8.0, 8.0, 8.0], Budget(macs=10))


def test_cells_are_refused():
    spec = network("fairdarts_b")

    with pytest.raises(BudgetError, match="cost depends on two blocks before"):
        nearest(spec, spec.channels, Budget(macs=1e12))


def test_every_path_rises_where_the_family_forbids_to_fall():
    spec = small([8, 16, 24])

    found = nearest(spec, [30.0, 10.0, 20.0], Budget(macs=1e9), multiple_of=4)

    assert all(a <= b for a, b in pairwise(found.spec.channels))
