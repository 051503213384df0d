"""Upgrades of equal cost: linear, non-decreasing, full; by latency, bisected."""

from dataclasses import replace
from itertools import pairwise

import pytest

from rexpand.advise.equal_cost import upgrade
from rexpand.advise.shortcuts import shortcuts
from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.spec import network
from simulated import Simulated

NAMES = ("mobilenetv2_100", "efficientnet_b0", "mobilenetv3_large_100", "mixnet_s")


def test_mobilenetv2_becomes_a_line_of_its_macs() -> None:
    found = upgrade(network("mobilenetv2_100"), "macs")

    # 300.8M macs to half a percent, never more.
    assert found.before_cost.macs == 300_774_272
    assert 0.995 * 300_774_272 <= found.after_cost.macs <= 300_774_272
    assert all(a <= b for a, b in pairwise(found.after.channels))
    assert found.before_fit.r_squared < 0.8
    assert found.after_fit.r_squared > 0.999


@pytest.mark.parametrize("keep", ["macs", "params"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_filled_and_not_exceeded(name: str, keep: str) -> None:
    found = upgrade(network(name), keep)

    before, after = (
        getattr(cost, keep) for cost in (found.before_cost, found.after_cost)
    )
    assert 0.995 * before <= after <= before
    assert found.after_cost == cost_of(found.after)


def test_only_channels_and_the_kind_of_shortcut_change() -> None:
    before = network("efficientnet_b0")

    after = upgrade(before, "macs").after

    assert (after.stem, after.head, after.resolution) == (
        before.stem,
        before.head,
        before.resolution,
    )
    assert shortcuts(after) == shortcuts(before)
    for old, new in zip(before.blocks, after.blocks, strict=True):
        same = replace(new, out_channels=old.out_channels, shortcut=old.shortcut)
        assert same == old


def test_rexnet_is_its_own_upgrade() -> None:
    before = network("rexnet_100")

    assert upgrade(before, "macs").after.channels == before.channels


def test_an_intercept_and_a_multiple_can_be_given() -> None:
    found = upgrade(network("mobilenetv2_100"), "macs", intercept=24, multiple_of=8)

    assert found.after.channels[0] == 24
    assert all(width % 8 == 0 for width in found.after.channels)


def test_equal_latency_is_found_by_bisection() -> None:
    device = Simulated(lambda spec: 1e-9 * cost_of(spec).macs)
    spec = replace(network("mobilenetv2_035"), resolution=64)
    heard = []

    found = upgrade(
        spec, "latency", runtime=device, on_slope=lambda *pair: heard.append(pair)
    )

    # Where macs are the time, equal time is equal macs, as near as channels allow.
    assert found.after_cost.macs == pytest.approx(found.before_cost.macs, rel=0.01)
    assert len(heard) >= 1
    before, after = found.timings
    assert after.ratio.median == pytest.approx(1, abs=0.01)
    assert (before.latency_ms.count, after.ratio.low <= after.ratio.high) == (31, True)


def test_other_networks_and_other_words_are_refused() -> None:
    with pytest.raises(SpecError, match="block 0 of resnet18 is a basic_residual"):
        upgrade(network("resnet18"), "macs")
    with pytest.raises(SpecError, match="keep 'watts' is unknown; choose from macs"):
        upgrade(network("mobilenetv2_100"), "watts")
