import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.budget import Budget, Missing, explained, sample
from rexpand.budget.collection import Collection, equal_shares
from rexpand.budget.shapes import SHAPES, draw_shapes
from rexpand.budget.supply import Supply
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
STRATA = {"linear", "convex", "concave", "stagewise", "knots"}
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
    unable = [each.shape for each in drawn.shortfalls]
    assert shares[:, ~np.isin(drawn.shapes, unable)].min() >= 0.95
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


@pytest.mark.kernels
def test_a_sample_does_not_depend_on_the_processor():
    drawn = sample(network("search_18"), PAPER, 5, seed=0)

    # Drawn on an AMD EPYC; numpy's kernels for other processors give the same.
    assert drawn.channels.tolist() == [
        [33, 44, 50, 54, 57],
        [36, 41, 46, 51, 61],
        [34, 50, 50, 51, 51],
        [34, 40, 47, 54, 61],
        [37, 38, 39, 48, 67],
    ]


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


# Macs that leave params for convex shapes only: no line fills both.
STEEP = Budget(macs=351e6, params=3.1e6)


@pytest.mark.parametrize(
    ("name", "budget", "count"),
    [
        ("search_30", STEEP, 1000),
        ("search_18", PAPER, 100),
        ("search_18", Budget(macs=30e6), 100),
        ("search_30", Budget(macs=200e6, params=1e6), 300),
    ],
)
def test_every_shape_has_an_equal_share(name, budget, count):
    drawn = sample(network(name), budget, count, seed=0)

    assert Counter(drawn.shapes) == dict.fromkeys(STRATA, count // 5)
    # Nothing has to be made up for by weights.
    assert drawn.weights.tolist() == [1.0] * count


def test_the_beginning_of_a_sample_has_equal_shares_too():
    drawn = sample(network("search_18"), PAPER, 100, seed=0)

    for start in range(0, 100, 5):
        assert set(drawn.shapes[start : start + 5]) == STRATA


def test_shapes_that_cannot_fill_both_bounds_are_said_with_their_shares():
    drawn = sample(network("search_30"), STEEP, 100, seed=0)

    shares = STEEP.shares(costs(drawn))
    names = np.array(drawn.shapes)
    # Lines and what lies above them; the others are within the slack.
    assert [each.shape for each in drawn.shortfalls] == ["linear", "concave"]
    for each in drawn.shortfalls:
        own = shares[1, names == each.shape]
        assert (each.bound, each.drawn, each.under) == ("params", 20, 20)
        assert (each.least, each.most) == (own.min(), own.max())
    assert shares[1, ~np.isin(names, ["linear", "concave"])].min() >= 0.95
    # A line is within 5 % of the most that one may use, at the largest growth.
    assert own.min() < 0.75 * shares[1, names == "linear"].min()
    assert "20 of 20 linear configurations use 7" in explained(drawn.shortfalls)


def test_a_shape_without_its_share_is_said_and_weighs_more():
    # Five blocks within 5 % of two bounds: there are few lines.
    drawn = sample(network("search_18"), PAPER, 500, seed=0)

    counts = Counter(drawn.shapes)
    (lines,) = [each for each in drawn.shortfalls if each.shape == "linear"]
    assert lines == Missing(shape="linear", share=100, drawn=counts["linear"])
    assert counts["linear"] < 100 < counts["knots"]
    # The others share what is left alike.
    assert counts["stagewise"] - counts["knots"] in (-1, 0, 1)
    weight = dict(zip(drawn.shapes, drawn.weights.tolist(), strict=True))
    assert weight["linear"] > 1 > weight["knots"]
    assert drawn.weights.mean() == pytest.approx(1)


def test_no_block_is_narrower_and_no_network_grows_more_than_asked():
    asked = {"min_width": 24, "max_growth": 4.0}

    drawn = sample(network("search_18"), Budget(macs=30e6), 200, seed=0, **asked)

    assert drawn.channels.min() >= 24
    growth = drawn.channels[:, -1] / drawn.channels[:, 0]
    assert growth.max() <= 4
    assert growth.max() > 3.5


def test_by_default_blocks_have_eight_channels_or_half_of_equal_ones():
    spec = network("search_18")

    wide = sample(spec, Budget(macs=30e6), 100, seed=0)
    thin = sample(
        spec.for_images(resolution=8, in_channels=1), Budget(macs=3e5), 60, seed=0
    )

    assert wide.channels.min() >= 8
    assert (wide.channels[:, -1] <= 16 * wide.channels[:, 0]).all()
    # Within 300k macs five equal blocks have 7 channels.
    assert thin.channels.min() == 3


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"min_width": 0}, "min_width is 0"),
        ({"min_width": 2.5}, "min_width is 2.5"),
        ({"max_growth": 1.0}, "max_growth is 1.0"),
        ({"max_growth": float("nan")}, "max_growth is nan"),
        ({"min_width": 70}, "only 0 of 5 .* blocks of 70 channels or more"),
    ],
)
def test_impossible_widths_and_growths_are_refused(asked, said):
    with pytest.raises(BudgetError, match=said):
        sample(network("search_18"), Budget(macs=30e6), 5, seed=0, **asked)


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
        BudgetError,
        match=r"only 0 of 5 .* to fill 400,000,000 macs and 1,500,000 params with",
    ):
        sample(network("rexnet_100"), Budget(macs=4e8, params=1.5e6), 5, seed=0)


def test_more_configurations_than_there_are_is_refused():
    spec = search_network(name="single", channels=(40,))

    # One block within one percent of a budget has few widths; so many can be had.
    with pytest.raises(
        BudgetError, match=r"only ([1-9]) of 500 .* give at most \1 trials"
    ):
        sample(spec, Budget(params=cost_of(spec).params), 500, seed=0)


def test_the_number_that_a_refusal_names_can_be_had():
    spec = network("search_18").for_images(resolution=8, in_channels=1)
    budget = Budget(macs=300e3)

    with pytest.raises(BudgetError) as refused:
        sample(spec, budget, 1000, seed=0)

    found = re.search("give at most ([0-9]+) trials", str(refused.value))
    assert found
    # There are some hundreds; of a smaller sample other ones are drawn.
    assert 300 < int(found[1]) < 1000
    assert len(sample(spec, budget, int(found[1]), seed=0).shapes) == int(found[1])


def test_a_sample_many_times_too_large_is_refused_in_its_first_round():
    collection = Collection(np.random.default_rng(0), np.zeros(5, dtype=bool))
    few = [np.full(5, width, dtype=float) for width in range(1, 8)]

    rounds = 0
    for asked in collection.rounds(100_000):
        rounds += 1
        for shape, tries in enumerate(asked.tries):
            asked.found.extend((few[n % 7], shape) for n in range(tries))

    # Seven widths, all of them seen thousands of times.
    assert (rounds, len(collection.chosen)) == (1, 7)


@pytest.mark.parametrize("there", [10, 300, 2000])
def test_a_supply_is_more_than_there_are(there):
    draws = np.random.default_rng(there).zipf(1.5, 20_000)
    supply = Supply()

    assert supply.most == float("inf")
    supply.tried(len(draws))
    for each in draws[draws <= there]:
        supply.saw(bytes([each % 256, each // 256]))

    # Most of them are rare, as the shapes of a small network are.
    assert there <= supply.most < 40 * there


@pytest.mark.parametrize("count", [0, -3])
def test_a_sample_has_at_least_one_configuration(count):
    with pytest.raises(
        BudgetError, match=f"a sample cannot have {count} configurations"
    ):
        sample(network("search_18"), PAPER, count, seed=0)


@settings(deadline=None, max_examples=25)
@given(
    counts=st.lists(st.integers(0, 12), min_size=5, max_size=5),
    depth=st.integers(2, 20),
    seed=st.integers(0, 2**31),
)
def test_shapes_rise_from_nothing_to_one(counts, depth, seed):
    strata, heights, places = draw_shapes(counts, depth, np.random.default_rng(seed))

    # Non-decreasing from 0 to 1, and never flat.
    assert heights.shape == (sum(counts), depth)
    assert np.allclose(heights[:, 0], 0)
    assert np.allclose(heights[:, -1], 1)
    assert (np.diff(heights, axis=1) >= 0).all()
    # As many of each stratum as were asked for.
    assert np.bincount(strata, minlength=5).tolist() == counts
    assert ((places >= 0) & (places < 1)).all()


def test_places_are_a_latin_hypercube_in_every_stratum():
    strata, _, places = draw_shapes([20] * 5, 9, np.random.default_rng(0))

    # 20 draws fall one into each of 20 equal cells.
    for stratum in range(5):
        cells = 20 * places[strata == stratum]
        assert sorted(cells.astype(int)) == list(range(20))


def test_convex_shapes_lie_below_the_line_and_concave_ones_above():
    strata, heights, _ = draw_shapes([20] * 5, 9, np.random.default_rng(0))
    line = np.linspace(0, 1, 9)

    for stratum, row in zip(strata, heights, strict=True):
        if SHAPES[stratum] == "convex":
            assert (row <= line + 1e-12).all()
        elif SHAPES[stratum] == "concave":
            assert (row >= line - 1e-12).all()
        elif SHAPES[stratum] == "linear":
            assert np.allclose(row, line)


def test_lines_stay_lines_when_they_are_rounded():
    drawn = sample(network("search_42"), Budget(macs=351e6), 100, seed=0)

    lines = drawn.channels[[shape == "linear" for shape in drawn.shapes]]
    rounded = np.array(
        [np.polyval(np.polyfit(range(13), row, 1), range(13)) for row in lines]
    )
    # Each width is rounded up or down; the fitted line may shift by as much.
    assert np.abs(lines - rounded).max() < 2


def test_growth_is_spread_evenly_on_a_logarithmic_scale():
    drawn = sample(network("search_42"), Budget(macs=351e6), 500, seed=0)

    growth = drawn.channels[:, -1] / drawn.channels[:, 0]
    # Between 1.1 and 16, a quarter of ln(growth - 1) in each quarter; rounding and the
    # least width move a few.
    quarters = np.digitize(
        np.log(growth - 1), np.log(0.1 * 150 ** np.array([0.25, 0.5, 0.75]))
    )
    assert np.bincount(quarters) == pytest.approx(125, abs=25)


@given(
    counts=st.lists(st.integers(0, 30), min_size=5, max_size=5),
    is_open=st.lists(st.booleans(), min_size=5, max_size=5),
    goal=st.integers(0, 200),
)
def test_what_a_shape_cannot_give_is_shared_by_the_others(counts, is_open, goal):
    had, open_ = np.array(counts), np.array(is_open)

    goals = equal_shares(goal, had, open_, np.array([3, 1, 4, 0, 2]))

    assert (goals >= had).all()
    assert (goals[~open_] == had[~open_]).all()
    if open_.any():
        assert goals.sum() == max(goal, had.sum())
        # Who got more has no more than anybody else that may get some, but for one.
        raised = goals[goals > had]
        assert len(raised) == 0 or raised.max() <= goals[open_].min() + 1


def test_bounds_that_never_meet_are_refused_without_an_overflow():
    # 1,000 times the params that these macs can use: the search for a crossing of the two
    # once left the range of growth, and its square was past all numbers.
    with pytest.raises(BudgetError, match="only 0 of 4 configurations"):
        sample(
            replace(network("search_18"), resolution=8),
            Budget(macs=500e3, params=1e9),
            4,
            seed=0,
        )
