"""Compound scaling: EfficientNet's rule, and all three dimensions within a budget."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.budget import ScaleBudget, scale_to
from rexpand.cost import cost_of, peak_activations
from rexpand.errors import BudgetError, SpecError
from rexpand.spec import Compound, Scalable, Source, network, scalable

RULE = Compound()


def of(text: str) -> Scalable:
    return scalable(Source.parse(text))


def test_phi_0_is_the_network_itself():
    for name in ("efficientnet_b0", "rexnet_130", "mnasnet_050", "nasnet_a"):
        assert of(name).at(RULE, 0).spec == network(name)


def test_phi_1_is_the_step_of_the_paper():
    scaled = of("efficientnet_b0").at(RULE, 1)

    # 1.2, 1.1, 1.15: B2 has these multipliers, and 260 pixels where the rule gives 257.6.
    assert (scaled.depth_mult, scaled.width_mult) == (1.2, 1.1)
    assert scaled.resolution == 256
    assert scaled.spec.channels == network("efficientnet_b2").channels
    assert RULE.growth == pytest.approx(1.92, abs=0.01)


# Width, depth and pixels of Google's release.
RELEASED = {
    "efficientnet_b1": (1.0, 1.1, 240),
    "efficientnet_b2": (1.1, 1.2, 260),
    "efficientnet_b3": (1.2, 1.4, 300),
    "efficientnet_b4": (1.4, 1.8, 380),
    "efficientnet_b5": (1.6, 2.2, 456),
    "efficientnet_b6": (1.8, 2.6, 528),
    "efficientnet_b7": (2.0, 3.1, 600),
}


@pytest.mark.parametrize(("name", "released"), RELEASED.items())
def test_the_released_multipliers_build_the_released_network(name, released):
    width_mult, depth_mult, resolution = released
    base, own = of("efficientnet_b0"), network(name)

    built = base.built(
        0, width_mult=width_mult, depth_mult=depth_mult, resolution=resolution
    ).spec

    assert built.blocks == own.blocks
    assert cost_of(built) == cost_of(own)


def test_the_rule_is_near_b1_to_b3_and_no_single_phi_gives_b4():
    base = of("efficientnet_b0")

    near = {"efficientnet_b1": 0.5, "efficientnet_b2": 1, "efficientnet_b3": 2}
    for name, phi in near.items():
        macs = cost_of(base.at(RULE, phi).spec).macs
        assert macs == pytest.approx(cost_of(network(name)).macs, rel=0.16)
    # B4 of the release is as deep as at 3.2, as wide as at 3.5, as large as at 3.8.
    depth, width, side = 1.2**3.2, 1.1**3.5, 224 * 1.15**3.8
    assert depth == pytest.approx(1.8, abs=0.02)
    assert width == pytest.approx(1.4, abs=0.01)
    assert side == pytest.approx(380, abs=2)


def test_a_base_of_1_leaves_its_dimension():
    base = of("mobilenetv2_100:resolution=100")

    wide = base.at(Compound(alpha=1, beta=1.5, gamma=1), 1)

    # Not even rounded: 100 pixels are no multiple of 8.
    assert wide.resolution == 100
    assert wide.spec.depth == network("mobilenetv2_100").depth
    assert wide.width_mult == 1.5


def test_own_multipliers_are_multiplied():
    scaled = of("rexnet_130").at(RULE, 1)

    assert scaled.width_mult == pytest.approx(1.3 * 1.1)
    again = of("rexnet_100:width_mult=1.3").at(RULE, 1)
    assert again.spec.channels == scaled.spec.channels


@settings(deadline=None, max_examples=6)
@given(
    name=st.sampled_from(["search_18", "mobilenetv2_050", "shufflenetv1_g3_050"]),
    factor=st.floats(0.9, 4),
    counts=st.sampled_from([("macs",), ("params", "peak_bytes"), ("peak_bytes",)]),
)
def test_a_solution_is_within_every_bound_and_a_larger_one_is_not(name, factor, counts):
    own = network(name)
    costs = {
        "macs": cost_of(own).macs,
        "params": cost_of(own).params,
        "peak_bytes": 4 * peak_activations(own).elements,
    }
    budget = ScaleBudget(**{each: costs[each] * factor for each in counts})

    found = scale_to(of(name), RULE, budget)

    assert budget.holds(found.scaled.spec)
    assert found.fill == max(budget.shares(found.scaled.spec).values()) <= 1
    # A quarter of a step of phi more breaks a bound.
    assert not budget.holds(of(name).at(RULE, found.scaled.phi + 0.5).spec)


def test_all_three_grow_together():
    budget = ScaleBudget(macs=1e9, params=9e6)

    found = scale_to(of("efficientnet_b0"), RULE, budget)

    assert found.scaled.depth_mult > 1
    assert found.scaled.width_mult > 1
    assert found.scaled.resolution > 224
    assert found.tightest == "params"
    assert found.fill > 0.98


def test_bytes_of_a_value_are_part_of_the_bound():
    narrow = scale_to(of("search_18"), RULE, ScaleBudget(peak_bytes=1e6))
    small = ScaleBudget(peak_bytes=1e6, value_bytes=1)

    assert scale_to(of("search_18"), RULE, small).scaled.phi > narrow.scaled.phi


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: ScaleBudget(), BudgetError, "the budget is empty"),
        (lambda: ScaleBudget(macs=-1), BudgetError, "macs is -1"),
        (lambda: Compound(alpha=0.5), SpecError, "alpha is 0.5; give 1 to 16"),
        (
            lambda: Compound(alpha=1, beta=1, gamma=1),
            SpecError,
            "are all 1, which scales nothing",
        ),
        (lambda: of("net.toml"), SpecError, "net.toml has no family that builds it"),
        (lambda: of("timm:resnet18"), SpecError, "no family that builds it"),
        (
            lambda: scale_to(of("rexnet_100"), RULE, ScaleBudget(macs=1000)),
            BudgetError,
            "times the macs that are allowed",
        ),
    ],
)
def test_mistakes_name_the_value_and_the_way_out(make, error, message):
    with pytest.raises(error, match=message):
        make()
