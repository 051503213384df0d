from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.cost import Cost, cost_of, costs_of, part_costs
from rexpand.spec import (
    CATALOGUE,
    InvertedBottleneck,
    NetworkSpec,
    Stem,
    network,
    relaxed,
    search_network,
)

COUNTS = [field.name for field in fields(Cost)]
WHOLE = st.integers(0, 10**15)
COSTS = st.builds(Cost, WHOLE, WHOLE, WHOLE, WHOLE)


@given(a=COSTS, b=COSTS, c=COSTS)
def test_costs_add_like_numbers(a, b, c):
    # The order does not matter, and an empty network costs nothing.
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Cost() == a
    assert (a + b).macs == a.macs + b.macs


def test_a_cost_is_a_value():
    with pytest.raises(FrozenInstanceError):
        Cost().macs = 1


@pytest.mark.parametrize("name", CATALOGUE)
def test_parts_sum_to_the_total(name):
    parts = part_costs(network(name))

    assert sum((part.cost for part in parts), Cost()) == cost_of(network(name))


@pytest.mark.parametrize("name", CATALOGUE)
def test_parts_are_named_in_forward_order(name):
    spec = network(name)

    parts = part_costs(spec)

    # The stem, every block, then what the head has.
    blocks = [f"blocks.{index}" for index in range(spec.depth)]
    tail = {
        "norm": spec.head.first_norm,
        "head": spec.head.channels,
        "hidden": spec.head.hidden,
        "classifier": spec.num_classes,
    }
    expected = ["stem", *blocks, *(key for key, width in tail.items() if width)]
    assert [part.name for part in parts] == expected
    assert (
        tuple(part.out_channels for part in parts[1 : 1 + spec.depth]) == spec.channels
    )


def test_a_block_costs_what_its_layers_do():
    block = InvertedBottleneck(out_channels=6, kernel_size=5, stride=2, expand_ratio=2)
    stem = Stem(out_channels=4, kernel_size=1, stride=1)
    base = network("search_18")
    spec = replace(base, stem=stem, blocks=(block,), in_channels=1, resolution=9)

    [_, part, _] = part_costs(spec)

    # 1x1 4 -> 8 on 9x9, depthwise 5x5 on 5x5, 1x1 8 -> 6 on 5x5; norms hold two each.
    weights = (4 * 8, 8 * 25, 8 * 6)
    maps = (8 * 81, 8 * 25, 6 * 25)
    assert part.cost.params == sum(weights) + 2 * (8 + 8 + 6)
    assert part.cost.macs == 32 * 81 + 200 * 25 + 48 * 25
    assert part.cost.activations == sum(maps)
    assert (
        part.cost.memory_access == sum(weights) + sum(maps) + 4 * 81 + 8 * 81 + 8 * 25
    )
    assert part.size.side == 5


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_resolution_moves_all_but_the_params(name):
    spec = network(name).with_classes(0)
    small, large = cost_of(spec, 64), cost_of(spec, 128)

    # Between multiples of all strides, maps have four times the pixels; the border that
    # an unpadded stem takes is a larger share of the small one. The classifier, a third
    # of the smallest networks' macs, sees one pixel at every size, as squeeze-excite does.
    most = 4 if spec.stem.padded else 6
    assert small.params == large.params
    assert 3.3 * small.macs < large.macs < most * small.macs + 1
    assert cost_of(spec) == cost_of(spec, spec.resolution)


@settings(deadline=None)
@given(spec=st.from_type(NetworkSpec))
def test_costs_are_whole_numbers(spec):
    # Exact integers of Python, however large.
    assert {type(getattr(cost_of(spec), name)) for name in COUNTS} == {int}


@settings(deadline=None)
@given(spec=st.from_type(NetworkSpec), data=st.data())
def test_a_wider_block_never_costs_less(spec, data):
    index = data.draw(st.integers(0, spec.depth - 1))
    wider = [*spec.channels]
    wider[index] += 8

    before, after = cost_of(spec), cost_of(spec.with_channels(wider))

    assert all(getattr(after, name) > getattr(before, name) for name in COUNTS)


@settings(deadline=None)
@given(spec=st.from_type(NetworkSpec), data=st.data())
def test_a_hundred_thousand_costs_are_each_the_cost_of_one(spec, data):
    widths = st.integers(1, 300)
    row = st.lists(widths, min_size=spec.depth, max_size=spec.depth)
    rows = data.draw(st.lists(row, min_size=1, max_size=5))

    many = costs_of(spec, rows)

    # Row by row, to the last digit.
    for index, channels in enumerate(rows):
        one = cost_of(spec.with_channels(channels))
        assert [getattr(many, name)[index] for name in COUNTS] == [
            getattr(one, name) for name in COUNTS
        ]


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_catalogue_costs_the_same_in_a_column(name):
    spec = network(name)

    many = costs_of(spec, [spec.channels] * 2)

    for count in COUNTS:
        assert getattr(many, count).tolist() == [getattr(cost_of(spec), count)] * 2


def test_columns_longer_than_a_chunk_keep_their_order():
    spec = network("search_18")
    channels = 16 + np.arange(5000)[:, None] % 97 + np.arange(5)

    many = costs_of(spec, channels)

    # Chunks are joined as they were cut.
    for index in (0, 4095, 4096, 4999):
        assert many.macs[index] == cost_of(spec.with_channels(channels[index])).macs
    assert len(many.params) == 5000


@pytest.mark.parametrize("channels", [[34, 34, 45, 55, 66], [[34, 34]], [[[34] * 5]]])
def test_channels_of_another_shape_are_refused(channels):
    with pytest.raises(ValueError, match=r"search_18 needs \(any, 5\)"):
        costs_of(network("search_18"), channels)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_relaxed_cost_is_exactly_quadratic(name):
    spec = relaxed(network(name))
    start, step = np.full(spec.depth, 32.0), 1 + np.arange(spec.depth)

    costs = costs_of(spec, [start + t * step for t in (0, 1, 2, 3)])

    # Along any line of channels the third difference of a quadratic is nothing.
    for count in COUNTS:
        p0, p1, p2, p3 = getattr(costs, count)
        assert p3 - 3 * p2 + 3 * p1 - p0 == pytest.approx(0, abs=1e-12 * p3)


def test_relaxing_changes_no_cost_where_nothing_was_rounded():
    spec = search_network(name="plain", channels=(16, 24, 40))

    # Whole expansions of whole channels; the search networks have no squeeze-excite.
    assert cost_of(relaxed(spec)) == cost_of(spec)


@pytest.mark.parametrize("name", ["rexnet_100", "rexnetr_100"])
def test_relaxing_moves_a_cost_by_less_than_its_roundings(name):
    exact, smooth = cost_of(network(name)), cost_of(relaxed(network(name)))

    # Squeezed widths, and in rexnetr expanded ones, move by less than a percent in all.
    assert smooth.macs == pytest.approx(exact.macs, rel=0.01)
    assert smooth.params == pytest.approx(exact.params, rel=0.01)


def test_widths_that_are_not_whole_cost_between_their_neighbours():
    spec = relaxed(network("search_18"))

    low, middle, high = costs_of(spec, [[34.0] * 5, [34.5] * 5, [35.0] * 5]).macs

    assert low < middle < high
