"""What a drag does to the channels of a network."""

from dataclasses import replace

import pytest

from rexpand.app.design import (
    MOST_BARS,
    Bar,
    bars,
    budget_of,
    drag_bar,
    drag_intercept,
    drag_slope,
    fill_budget,
    line_of,
    on_line,
    renamed,
)
from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.spec import network

REXNET = network("rexnet_100")


def test_a_bar_moves_its_block_and_pushes_those_that_are_in_its_way():
    found = drag_bar(REXNET, Bar(first=8, last=8), 150)

    # ReXNet's channels never decrease: 117, 128 and 140 stood in the way of 150.
    assert found.channels[8:13] == (150, 150, 150, 150, 151)
    assert found.channels[:8] == REXNET.channels[:8]


def test_a_bar_that_goes_down_takes_those_before_it_along():
    found = drag_bar(REXNET, Bar(first=15, last=15), 100)

    assert found.channels[7:] == (95, *(100,) * 8)


def test_a_drag_of_a_bar_within_a_budget_leaves_the_rest_to_the_solver():
    budget = budget_of("macs", cost_of(REXNET).macs)

    found = drag_bar(REXNET, Bar(first=15, last=15), 300, budget)

    assert found.channels[15] == 300
    assert 0.99 * budget.macs <= cost_of(found).macs <= budget.macs


def test_slope_and_intercept_give_the_line_of_the_command_line():
    found = on_line(REXNET, 3.0, 20.0)

    assert found.channels == tuple(20 + 3 * block for block in range(16))
    assert drag_slope(REXNET, 3.0, 20.0) == drag_intercept(REXNET, 3.0, 20.0) == found


@pytest.mark.parametrize("held", ["macs", "params"])
def test_a_line_within_a_budget_gives_up_what_is_not_in_the_hand(held):
    spent = getattr(cost_of(REXNET), held)
    budget = budget_of(held, spent)

    flat = drag_slope(REXNET, 2.0, 0.0, budget)
    low = drag_intercept(REXNET, 0.0, 5.0, budget)

    for found in (flat, low):
        assert 0.99 * spent <= getattr(cost_of(found), held) <= spent
    assert line_of(flat).slope == pytest.approx(2.0, abs=0.25)
    assert line_of(low).intercept == pytest.approx(5.0, abs=1.5)


def test_a_smaller_bound_makes_the_whole_network_thinner():
    half = budget_of("macs", cost_of(REXNET).macs / 2)

    found = fill_budget(REXNET, half)

    assert all(a < b for a, b in zip(found.channels, REXNET.channels, strict=True))
    assert 0.99 * half.macs <= cost_of(found).macs <= half.macs


def test_a_deep_network_is_dragged_by_its_stages():
    spec = network("efficientnet_b7")

    found = bars(spec)

    # 55 blocks are too thin for a finger: a bar is a stage, and none is left out.
    assert len(found) <= MOST_BARS < spec.depth
    assert [block for bar in found for block in bar.blocks] == [*range(spec.depth)]
    widened = drag_bar(spec, found[-1], 2 * spec.channels[-1])
    assert {*widened.channels[found[-1].first :]} == {2 * spec.channels[-1]}


def test_a_network_too_deep_for_a_drag_is_refused_in_one_line():
    deep = replace(REXNET, blocks=REXNET.blocks[:1] + REXNET.blocks[3:4] * 1_001)

    with pytest.raises(SpecError, match=r"has 1,002 blocks.*rexpand cost"):
        bars(deep)


def test_changed_channels_have_a_name_without_published_numbers():
    changed = drag_bar(REXNET, Bar(first=15, last=15), 200)

    assert renamed(changed, REXNET).name == "rexnet_100_explored"
    assert renamed(REXNET, REXNET).name == "rexnet_100"
