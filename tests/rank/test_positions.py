"""Which positions are samples is a rule that can be checked by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rexpand.rank.positions import OVERSAMPLING, grid_for, samples


@given(
    channels=st.integers(1, 2000),
    side=st.lists(st.integers(1, 60), max_size=2).map(tuple),
    images=st.integers(1, 2000),
)
def test_the_grid_is_the_least_that_gives_enough_samples(channels, side, images):
    grid = grid_for(channels, side, images)

    # Never outside the map, and never empty.
    assert all(1 <= count <= length for count, length in zip(grid, side, strict=True))
    square = len(set(side)) <= 1
    if square and side and grid[0] < side[0]:
        assert images * grid[0] ** len(side) >= OVERSAMPLING * channels
    if square and side and grid[0] > 1:
        less = grid[0] - 1
        assert images * less ** len(side) < OVERSAMPLING * channels


def test_every_position_of_every_image_is_a_sample():
    maps = torch.arange(2 * 3 * 4 * 5).view(2, 3, 4, 5)

    rows = samples(maps, 1, "all", ())

    assert rows.shape == (2 * 4 * 5, 3)
    assert rows[0].tolist() == maps[0, :, 0, 0].tolist()
    assert rows[-1].tolist() == maps[1, :, 3, 4].tolist()


def test_pooled_is_the_mean_over_the_map():
    maps = torch.randn(2, 3, 4, 5)

    assert torch.allclose(samples(maps, 1, "pooled", ()), maps.mean((2, 3)))


@pytest.mark.parametrize(
    ("side", "count", "taken"),
    [(7, 1, [3]), (7, 2, [2, 5]), (7, 3, [1, 3, 5]), (4, 4, [0, 1, 2, 3])],
)
def test_the_grid_is_even_and_in_the_middle(side, count, taken):
    line = torch.arange(side).expand(1, 1, side)

    rows = samples(line, 1, "strided", (count,))

    assert rows.flatten().tolist() == taken


def test_tokens_have_their_channels_last():
    tokens = torch.randn(2, 9, 4)

    assert torch.equal(samples(tokens, -1, "all", ()), tokens.flatten(0, 1))


def test_vectors_are_samples_as_they_are():
    vectors = torch.randn(5, 4)

    for positions in ("all", "strided", "pooled"):
        assert torch.equal(samples(vectors, -1, positions, ()), vectors)
