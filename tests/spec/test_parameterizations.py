from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rexpand.errors import SpecError
from rexpand.spec import (
    CATALOGUE,
    FreeList,
    Linear,
    PiecewiseLinear,
    Stagewise,
    network,
    parameterization_of,
    stages_of,
)

DEPTHS = st.integers(1, 30)
HEIGHTS = st.floats(-100, 100)


@given(depth=DEPTHS, slope=HEIGHTS, intercept=HEIGHTS)
def test_linear_adds_its_slope_a_block(depth, slope, intercept):
    line = Linear(slope=slope, intercept=intercept)

    # c_i = slope i + intercept, for blocks counted from 0.
    assert line.widths(depth) == tuple(slope * i + intercept for i in range(depth))


def test_linear_gives_rexnets_channels():
    assert (
        Linear(slope=11.25, intercept=16).channels(16) == network("rexnet_100").channels
    )


def test_channels_round_half_to_even_and_to_one_at_least():
    # 38.5 -> 38 and 39.5 -> 40, as in the official release; no block has none.
    assert FreeList(heights=(38.5, 39.5, 0.2, -7.0)).channels(4) == (38, 40, 1, 1)


@given(depth=DEPTHS, slope=st.floats(0, 50), multiple_of=st.integers(1, 32))
def test_channels_are_the_nearest_multiples(depth, slope, multiple_of):
    line = Linear(slope=slope, intercept=16.0)

    channels = line.channels(depth, multiple_of)

    for width, rounded in zip(line.widths(depth), channels, strict=True):
        assert rounded % multiple_of == 0
        assert rounded >= multiple_of
        assert rounded == multiple_of or abs(rounded - width) <= multiple_of / 2


def test_a_piecewise_line_runs_from_knot_to_knot():
    line = PiecewiseLinear(knots=((1, 0), (3, 1), (7, 3)))

    # Flat before the first knot and after the last.
    assert line.shape(10) == (0, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3, 3)


@given(depth=st.integers(2, 30), data=st.data())
def test_a_piecewise_line_passes_through_its_knots(depth, data):
    blocks = st.lists(st.integers(0, depth - 1), min_size=2, unique=True)
    places = sorted(data.draw(blocks))
    knots = tuple((float(place), data.draw(HEIGHTS)) for place in places)

    shape = PiecewiseLinear(knots=knots).shape(depth)

    # At the knots, and never outside their heights.
    assert all(shape[int(place)] == height for place, height in knots)
    heights = [height for _, height in knots]
    assert min(shape) >= min(heights) - 1e-9
    assert max(shape) <= max(heights) + 1e-9


def test_a_piecewise_line_with_knots_at_the_ends_is_linear():
    line = PiecewiseLinear(knots=((0, 0), (15, 15)), slope=11.25, intercept=16)

    assert line.channels(16) == network("rexnet_100").channels


@pytest.mark.parametrize(
    ("knots", "message"),
    [
        (((0.0, 0.0),), "1 knots; a piecewise line needs two or more"),
        (((0.0, 0.0), (0.0, 1.0)), "knots at blocks 0.0 and 0.0 are out of order"),
        (((5.0, 0.0), (4.0, 1.0)), "knots at blocks 5.0 and 4.0 are out of order"),
        (((0.0, 0.0), (float("nan"), 1.0)), "blocks 0.0 and nan are out of order"),
        (((0.0, 0.0), (float("inf"), 1.0)), "blocks 0.0 and inf are out of order"),
    ],
)
def test_knots_that_are_no_line_are_refused(knots, message):
    with pytest.raises(SpecError, match=message):
        PiecewiseLinear(knots=knots)


def test_stages_are_flat():
    stages = Stagewise(repeats=(1, 2, 3), levels=(1, 2, 4), slope=10, intercept=6)

    assert stages.channels(6) == (16, 26, 26, 46, 46, 46)


def test_every_stage_has_a_level():
    with pytest.raises(SpecError, match="2 repeats for 3 levels; give one of each"):
        Stagewise(repeats=(1, 2), levels=(1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    "rule", [Stagewise(repeats=(1, 2), levels=(1.0, 2.0)), FreeList(heights=(1, 2, 3))]
)
def test_a_rule_for_another_depth_is_refused(rule):
    # The message counts both.
    with pytest.raises(SpecError, match="has 3 blocks, the network 16"):
        rule.shape(16)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_free_list_at_slope_one_is_the_network(name):
    spec = network(name)

    assert parameterization_of(spec, "free").channels(spec.depth) == spec.channels


def test_the_stages_of_a_network_are_its_runs_of_equal_channels():
    # MobileNetV2 (Table 2 of its paper): 16(1)-24(2)-32(3)-64(4)-96(3)-160(3)-320(1).
    assert stages_of(network("mobilenetv2_100")) == Stagewise(
        repeats=(1, 2, 3, 4, 3, 3, 1), levels=(16, 24, 32, 64, 96, 160, 320)
    )


def test_the_strides_cut_a_network_whose_channels_all_differ():
    stages = stages_of(network("rexnet_100"))

    # Cut at blocks 1, 3, 5 and 11; a level is the mean of its channels.
    assert stages.repeats == (1, 2, 2, 6, 5)
    assert stages.levels[:3] == (16, (27 + 38) / 2, (50 + 61) / 2)


@pytest.mark.parametrize("name", CATALOGUE)
def test_stages_cover_every_block_of_a_network(name):
    spec = network(name)

    stages = stages_of(spec)

    # Repeats add up to the blocks, and the mean channels stay.
    shape = stages.shape(spec.depth)
    assert sum(shape) == pytest.approx(sum(spec.channels))


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize(
    ("rule", "knots"), [("linear", None), ("piecewise", "0:0,2:1,4:3")]
)
def test_a_line_keeps_the_first_channels_as_its_intercept(name, rule, knots):
    spec = network(name)

    line = parameterization_of(spec, rule, knots)

    assert line.intercept == spec.channels[0]
    assert line.widths(spec.depth)[0] == spec.channels[0]


def test_knots_are_read_as_blocks_and_heights():
    line = parameterization_of(network("rexnet_100"), "piecewise", "0:0, 5:1,15:4.5")

    assert line.knots == ((0, 0), (5, 1), (15, 4.5))


@pytest.mark.parametrize("knots", ["", "5", "0:0,5", "0:0,a:1", "0:0;5:1", ":,:", None])
def test_knots_that_say_nothing_are_met_with_an_example(knots):
    with pytest.raises(SpecError, match="write 0:0,5:1,15:4"):
        parameterization_of(network("rexnet_100"), "piecewise", knots)


def test_knots_outside_the_network_are_refused():
    line = parameterization_of(network("rexnet_100"), "piecewise", "0:0,99:1")

    with pytest.raises(
        SpecError, match="at block 99, and the network's blocks are 0 to"
    ):
        line.shape(16)


@pytest.mark.parametrize("height", [inf, -inf, nan])
def test_a_height_is_finite(height):
    with pytest.raises(SpecError, match="a knot's height is"):
        PiecewiseLinear(knots=((0, 0), (15, height)))


def test_knots_belong_to_a_piecewise_line_alone():
    with pytest.raises(SpecError, match="a linear rule has no knots"):
        parameterization_of(network("rexnet_100"), "linear", "0:0,5:1")


def test_an_unknown_rule_is_met_with_the_known_ones():
    with pytest.raises(
        SpecError, match="'cubic' is unknown; choose from linear, piece"
    ):
        parameterization_of(network("rexnet_100"), "cubic")
