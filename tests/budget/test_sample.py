from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.budget import Budget, sample
from rexpand.budget.shapes import draw_shapes
from rexpand.cost import Cost, cost_of
from rexpand.errors import BudgetError
from rexpand.spec import CATALOGUE, network, search_network

# Families whose blocks take any width.
FREE = [
    name
    for name in CATALOGUE
    if {block.kind for block in network(name).blocks}
    <= {"inverted_bottleneck", "depthwise_separable", "basic_residual"}
    and network(name).non_decreasing
    and network(name).channel_multiple == 1
]
STRATA = {"convex", "linear", "concave", "stagewise", "knots"}
PAPER = Budget(macs=30e6, params=205e3)  # search (a) of the paper's Table 3


def costs(drawn):
    return Cost(macs=drawn.macs, params=drawn.params)


@pytest.mark.parametrize(
    ("name", "budget"),
    [
        ("search_18", PAPER),
        ("search_30", Budget(macs=100e6, params=0.5e6)),
        ("search_30", Budget(macs=200e6, params=1e6)),
        ("search_42", Budget(macs=350e6, params=3e6)),
        ("rexnet_100", Budget(macs=400e6)),
        ("mobilenetv2_100", Budget(params=3.5e6)),
    ],
)
def test_every_configuration_meets_the_budget(name, budget):
    drawn = sample(network(name), budget, 100, seed=0)

    # Never above a bound; the binding one within 1 %, the other within its slack.
    shares = budget.shares(costs(drawn))
    assert shares.max() <= 1
    assert shares.max(axis=0).min() >= 0.99
    assert shares.min() >= 0.95
    # Never decreasing, and all different.
    assert (np.diff(drawn.channels, axis=1) >= 0).all()
    assert len({tuple(row) for row in drawn.channels.tolist()}) == 100
    assert drawn.channels.shape == (100, network(name).depth)


@settings(deadline=None, max_examples=25)
@given(
    name=st.sampled_from(FREE),
    bound=st.sampled_from(["macs", "params"]),
    exponent=st.floats(0, 2),
    multiple_of=st.sampled_from([1, 2]),
    seed=st.integers(0, 2**31),
)
def test_any_family_can_be_sampled_at_any_size(
    name, bound, exponent, multiple_of, seed
):
    spec = network(name)
    budget = Budget(**{bound: getattr(cost_of(spec), bound) * 2**exponent})

    drawn = sample(spec, budget, 20, seed=seed, multiple_of=multiple_of)

    # The stated costs are those of the closed form, within a percent below the bound.
    for row, macs, params in zip(drawn.channels, drawn.macs, drawn.params, strict=True):
        cost = cost_of(spec.with_channels(row))
        assert (cost.macs, cost.params) == (macs, params)
        assert 0.99 <= budget.fill(cost)[0] <= 1
    assert (drawn.channels % multiple_of == 0).all()
    assert len(np.unique(drawn.channels, axis=0)) == 20


def test_the_same_seed_gives_the_same_sample():
    first, second = (sample(network("search_18"), PAPER, 50, seed=7) for _ in range(2))

    assert np.array_equal(first.channels, second.channels)
    assert first.shapes == second.shapes
    assert np.array_equal(first.macs, second.macs)


@pytest.mark.parametrize("earlier", [(3,), (5, 20), (29,)])
def test_a_sample_that_was_extended_begins_with_the_earlier_one(earlier) -> None:
    spec, budget = network("search_18"), Budget(macs=30e6)
    first = sample(spec, budget, earlier[-1], seed=0, earlier=earlier[:-1])

    more = sample(spec, budget, 30, seed=0, earlier=earlier)

    assert more.channels[: earlier[-1]].tolist() == first.channels.tolist()
    assert len(np.unique(more.channels, axis=0)) == 30


def test_another_seed_gives_another_sample():
    first, second = (sample(network("search_18"), PAPER, 50, seed=s) for s in (0, 1))

    assert not np.array_equal(first.channels, second.channels)


@pytest.mark.parametrize("budget", [PAPER, Budget(macs=30e6)])
def test_every_stratum_is_in_the_sample(budget):
    drawn = sample(network("search_18"), budget, 100, seed=0)

    # Convex, linear, concave, in stages and from knot to knot.
    assert set(drawn.shapes) == STRATA


def test_a_wider_slack_lets_the_other_bound_go():
    drawn = sample(network("search_18"), PAPER, 100, seed=0, slack=0.3)

    shares = PAPER.shares(costs(drawn))
    assert shares.max(axis=0).min() >= 0.99
    assert 0.7 <= shares.min() < 0.9


def test_a_tighter_tolerance_holds():
    drawn = sample(network("rexnet_100"), Budget(macs=4e8), 50, seed=0, tolerance=0.002)

    assert (drawn.macs >= 0.998 * 4e8).all()


@pytest.mark.parametrize("budget", [Budget(macs=1e6), Budget(macs=4e8, params=1e6)])
def test_a_budget_below_the_thinnest_network_is_refused(budget):
    # At once, with the gap, as `solve` does.
    with pytest.raises(BudgetError, match="rexnet_100 needs at least"):
        sample(network("rexnet_100"), budget, 5, seed=0)


def test_bounds_that_no_configuration_fills_together_are_refused():
    # Each can be met, but 400M macs in 1.5M params cannot; the message quotes both.
    with pytest.raises(
        BudgetError, match=r"only 0 of 5 .* fill 400,000,000 macs and 1,500,000 params;"
    ):
        sample(network("rexnet_100"), Budget(macs=4e8, params=1.5e6), 5, seed=0)


def test_more_configurations_than_there_are_is_refused():
    spec = search_network(name="single", channels=(40,))

    # One block within one percent of a budget has few widths.
    with pytest.raises(BudgetError, match=r"only [1-9]\d* of 500 configurations"):
        sample(spec, Budget(params=cost_of(spec).params), 500, seed=0)


@pytest.mark.parametrize("count", [0, -3])
def test_a_sample_has_at_least_one_configuration(count):
    with pytest.raises(
        BudgetError, match=f"a sample cannot have {count} configurations"
    ):
        sample(network("search_18"), PAPER, count, seed=0)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(1, 60), depth=st.integers(2, 20), seed=st.integers(0, 2**31))
def test_shapes_rise_from_nothing_to_one(count, depth, seed):
    strata, heights, growth = draw_shapes(count, depth, np.random.default_rng(seed))

    # Non-decreasing from 0 to 1, and never flat.
    assert heights.shape == (count, depth)
    assert np.allclose(heights[:, 0], 0)
    assert np.allclose(heights[:, -1], 1)
    assert (np.diff(heights, axis=1) >= 0).all()
    # The strata have equal shares, up to one.
    sizes = Counter(strata)
    assert max(sizes.values()) - min(sizes[name] for name in STRATA) <= 1
    assert ((growth >= 0.1) & (growth < 16)).all()


def test_growth_is_a_latin_hypercube_in_every_stratum():
    strata, _, growth = draw_shapes(100, 9, np.random.default_rng(0))

    # Log-uniform: 20 draws fall one into each of 20 cells of equal ratio.
    for stratum in STRATA:
        drawn = growth[[name == stratum for name in strata]]
        cells = np.log(drawn / 0.1) / np.log(160) * len(drawn)
        assert sorted(cells.astype(int)) == list(range(20))


def test_convex_shapes_lie_below_the_line_and_concave_ones_above():
    strata, heights, _ = draw_shapes(100, 9, np.random.default_rng(0))
    line = np.linspace(0, 1, 9)

    for stratum, row in zip(strata, heights, strict=True):
        if stratum == "convex":
            assert (row <= line + 1e-12).all()
        elif stratum == "concave":
            assert (row >= line - 1e-12).all()
        elif stratum == "linear":
            assert np.allclose(row, line)
