"""A budget that is held: while the slope moves, or the width of some blocks."""

import pytest

from rexpand.budget import Budget, fill_around, solve_intercept
from rexpand.cost import cost_of
from rexpand.errors import BudgetError
from rexpand.spec import CATALOGUE, fitted_line, network

MACS = 398_370_392  # of rexnet_100


@pytest.mark.parametrize("slope", [0.0, 3.0, 11.0])
def test_a_slope_that_is_held_has_one_intercept_in_the_budget(slope):
    found = solve_intercept("rexnet_100", Budget(macs=MACS), slope)

    # Full but for the rounding of channels, and never above.
    assert 0.995 * MACS <= cost_of(found).macs <= MACS
    # Rounding moves a width by a half, or a block by one: the line stays.
    assert fitted_line(found.channels).slope == pytest.approx(slope, abs=0.25)


def test_a_slope_too_steep_says_the_steepest():
    with pytest.raises(BudgetError, match=r"give a slope of at most 15\.1"):
        solve_intercept("rexnet_100", Budget(macs=MACS), 20.0)

    assert solve_intercept("rexnet_100", Budget(macs=MACS), 15.1).depth == 16


def test_blocks_that_are_fixed_keep_their_channels_and_the_others_fill_the_budget():
    spec = network("rexnet_100")
    channels = (*spec.channels[:-1], 300)

    found = fill_around(spec, channels, range(15, 16), Budget(macs=MACS))

    assert found.channels[-1] == 300
    # The others gave way, all of them, and in order.
    assert all(
        a < b for a, b in zip(found.channels[3:-1], spec.channels[3:-1], strict=True)
    )
    assert list(found.channels) == sorted(found.channels)
    assert 0.99 * MACS <= cost_of(found).macs <= MACS


def test_blocks_too_wide_for_the_budget_are_refused():
    spec = network("rexnet_100")

    with pytest.raises(BudgetError, match="up to 5,000 channels leave no network"):
        fill_around(spec, (5000,) * 16, range(1), Budget(macs=MACS))


@pytest.mark.parametrize("name", ["fbnet_a", "shufflenetv2_100", "nasnet_a", "darts"])
def test_groups_and_nodes_get_the_multiples_that_they_need(name):
    assert name in CATALOGUE
    spec = network(name)
    half = Budget(params=cost_of(spec).params / 2)

    found = fill_around(spec, spec.channels, range(0), half)

    # A spec with other multiples could not be made; this one is within the budget.
    assert cost_of(found).params <= half.params
    assert all(width % spec.channel_multiple == 0 for width in found.channels)
