"""Channels in multiples: what each multiple costs, and the nearest of its networks."""

from itertools import count

import pytest

from rexpand.advise.rounding import RuntimeTimings, roundings, time_roundings
from rexpand.budget import Budget
from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.latency.rounds import Timing
from rexpand.spec import InvertedBottleneck, network
from simulated import Simulated


def test_rexnet_is_rounded_to_its_line_within_its_macs() -> None:
    spec = network("rexnet_100")

    found = roundings(spec)

    assert found.target == "line"
    assert [row.multiple_of for row in found.rows] == [1, 4, 8, 16, 32]
    for row in found.rows:
        assert row.nearest is not None
        assert row.nearest.cost.macs <= cost_of(spec).macs
        assert all(w % row.multiple_of == 0 for w in row.nearest.spec.channels)
        assert row.nearest.is_exact


def test_coarser_multiples_lie_farther_from_the_line() -> None:
    found = roundings(network("rexnet_100"), (1, 4, 8, 16, 32))

    distances = [row.nearest.distance for row in found.rows if row.nearest]
    assert distances == sorted(distances)


def test_a_network_of_stages_is_rounded_to_its_own_channels() -> None:
    spec = network("mobilenetv2_100")

    found = roundings(spec, (8,))

    assert found.target == "channels"
    (row,) = found.rows
    assert row.nearest is not None
    assert row.nearest.spec.channels == spec.channels
    assert row.nearest.distance == 0


def test_a_smaller_budget_scales_the_target() -> None:
    spec = network("rexnet_100")
    budget = Budget(macs=300e6)

    found = roundings(spec, (8,), budget)

    (row,) = found.rows
    assert row.nearest is not None
    assert row.nearest.cost.macs <= 300e6
    assert max(found.widths) < max(spec.channels)


def test_expanded_widths_become_multiples_too() -> None:
    spec = network("mobilenetv3_large_100")

    (row,) = roundings(spec, (16,)).rows

    assert row.nearest is not None
    inputs = (spec.stem.out_channels, *row.nearest.spec.channels)
    for block, width in zip(row.nearest.spec.blocks, inputs, strict=False):
        assert isinstance(block, InvertedBottleneck)
        assert int(block.expanded(width)) % 16 == 0


def test_a_multiple_without_a_network_says_why() -> None:
    spec = network("mobilenetv2_035")

    fine, coarse = roundings(spec, (8, 512)).rows

    assert fine.nearest is not None
    assert coarse.nearest is None
    assert "needs at least" in coarse.problem


def test_multiples_below_one_are_refused() -> None:
    with pytest.raises(SpecError, match="multiple_of 0 is below 1"):
        roundings(network("rexnet_100"), (0,))


def test_every_network_is_timed_against_the_one_given() -> None:
    found = roundings(network("mobilenetv2_035"), (4, 512))

    timed = time_roundings(found, Simulated(lambda spec: 0.01), rounds=3)

    assert timed.runtime == "simulated"
    assert [timing.name for timing in timed.timings] == ["mobilenetv2_035", "4"]
    assert set(timed.timings[0].ratios) == {1.0}


def test_equal_networks_that_time_apart_are_a_warning() -> None:
    # In multiples of 1 the network keeps its channels; 8 are fewer.
    found = roundings(network("mobilenetv2_035"), (1, 16))
    # The later one is prepared the slower it is, as on a machine that gets busy.
    later = count(1)
    device = Simulated(lambda spec: 0.01 * next(later))

    timed = time_roundings(found, device, rounds=9)

    assert [equal.name for equal in timed.equals] == ["1", "again"]
    assert [apart.name for apart in timed.apart] == ["1", "again"]
    assert timed.warning.startswith("under simulated the same network took ")
    assert "this machine is not quiet" in timed.warning


def test_a_quiet_machine_is_not_warned_of() -> None:
    def timing(*ratios: float) -> Timing:
        return Timing(name="again", readings_ms=ratios, ratios=ratios)

    # The same by every round but under 1 %; and 1.1 and 0.9 in turns.
    for quiet in (timing(*[1.005] * 15), timing(*[1.1, 0.9] * 8)):
        timed = RuntimeTimings(runtime="torch", timings=(), equals=(quiet,))
        assert timed.warning == ""
