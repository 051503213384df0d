"""What was drawn of each shape, and what is said where a shape lacks something."""

import numpy as np
import pytest

from rexpand.budget import SHAPES, Budget, sample, weights
from rexpand.report.coverage_section import shape_rows
from rexpand.search.coverage import shape_summaries
from rexpand.spec import network

STEEP = Budget(macs=351e6, params=3.1e6)


def test_a_shape_is_summed_up_over_its_own_configurations() -> None:
    drawn = sample(network("search_30"), STEEP, 50, seed=0)

    shapes = shape_summaries(STEEP, drawn)

    assert [each.shape for each in shapes] == list(SHAPES)
    for each in shapes:
        own = [index for index, name in enumerate(drawn.shapes) if name == each.shape]
        rows = drawn.channels[own]
        growth = rows[:, -1] / rows[:, 0]
        assert each.trials == len(own) == 10
        assert (each.growth.least, each.growth.most) == (growth.min(), growth.max())
        assert each.first_width.median == np.median(rows[:, 0])
        assert each.params_share is not None
        assert each.params_share.most == drawn.params[own].max() / 3.1e6
        assert each.latency_share is None
        # Slopes as numpy fits them.
        slopes = [np.polyfit(range(9), row, 1)[0] for row in rows]
        assert each.slope.median == pytest.approx(np.median(slopes))
        assert each.channels_low <= each.channels_median <= each.channels_high


def test_a_row_says_how_much_of_each_bound_is_used() -> None:
    drawn = sample(network("search_30"), STEEP, 50, seed=0)

    rows = {row.shape: row for row in shape_rows(shape_summaries(STEEP, drawn))}

    assert rows["linear"].budget_used.startswith("99 to 100 of macs and 7")
    assert rows["linear"].budget_used.endswith("to 78 of params")


def test_every_shape_has_the_same_weight_in_all() -> None:
    found = weights(["linear"] * 2 + ["knots"] * 4 + ["convex", "concave"] * 3)

    # Twelve configurations of four shapes; stagewise has none to weigh.
    assert found[:2].sum() == pytest.approx(found[2:6].sum())
    assert found.mean() == pytest.approx(1)


def test_no_configuration_counts_more_than_three_times_its_due() -> None:
    found = weights(["linear"] + ["knots"] * 99)

    # A fifth of a hundred would be twenty times, which one configuration cannot carry.
    assert found[0] / found[1] == pytest.approx(3 / (20 / 99))
