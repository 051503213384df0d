import numpy as np
import pytest

from rexpand.budget.order import in_order, risen
from rexpand.spec import network


@pytest.mark.parametrize(
    ("name", "starts", "fits"),
    [
        # A family that never decreases may stay; a layer that keeps its input may not.
        ("rexnet_100", [16, 16], True),
        ("rexnet_100", [17, 16], False),
        ("condensenet_74_g4", [24, 32], True),
        ("condensenet_74_g4", [24, 24], False),
        ("condensenet_74_g4", [16, 24], False),  # the stem has 16
    ],
)
def test_channels_are_in_order_as_their_blocks_ask(name, starts, fits):
    spec = network(name)
    row = [*starts, *range(1000, 1000 + 4 * (spec.depth - 2), 4)]

    assert in_order(spec, np.array([row], dtype=float)).tolist() == [fits]


def test_rows_rise_by_the_least_that_puts_them_in_order():
    spec = network("condensenet_74_g4")

    (row,) = risen(spec, np.full((1, spec.depth), 4.0), 4)

    # One multiple above the stem's 16 channels, and one more for every block.
    assert row.tolist() == [20 + 4 * index for index in range(spec.depth)]
    assert in_order(spec, row[None]).all()
