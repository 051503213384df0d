"""The verdict: paired over images and over seeds."""

import numpy as np
import pytest

from rexpand.design.judging import paired_bootstrap, verdict_word
from rexpand.records import Interval


def test_the_bootstrap_is_that_of_drawing_images_with_replacement() -> None:
    generator = np.random.default_rng(1)
    differences = 100 * generator.choice([-1, 0, 0, 0, 1, 1], size=240)

    found = paired_bootstrap(differences)

    rows = generator.integers(240, size=(10_000, 240))
    low, high = np.quantile(differences[rows].mean(axis=1), [0.025, 0.975])
    # Both are random: the ends of 10,000 resamples are known to a few hundredths of the
    # interval's width.
    width = high - low
    assert found.mean == pytest.approx(differences.mean())
    assert found.low == pytest.approx(low, abs=0.08 * width)
    assert found.high == pytest.approx(high, abs=0.08 * width)
    assert found.count == 240


def test_the_interval_is_that_of_the_normal_law_for_many_images() -> None:
    differences = np.repeat([-100.0, 0.0, 100.0], [1000, 7500, 1500])

    found = paired_bootstrap(differences)

    reach = 1.96 * differences.std() / np.sqrt(10_000)
    assert found.low is not None
    assert found.mean - found.low == pytest.approx(reach, rel=0.05)


def test_networks_that_never_differ_have_an_interval_without_width() -> None:
    found = paired_bootstrap(np.zeros(50))

    assert (found.low, found.mean, found.high) == (0, 0, 0)


def _over(low: float | None, high: float | None) -> Interval:
    return Interval(mean=1.0, low=low, high=high, count=3)


@pytest.mark.parametrize(
    ("by_seed", "by_image", "word"),
    [
        (_over(0.1, 2), _over(0.2, 1.8), "better"),
        # Chance of the images or of the seeds alone is enough to doubt it.
        (_over(-0.1, 2), _over(0.2, 1.8), "undecided"),
        (_over(0.1, 2), _over(-0.2, 1.8), "undecided"),
        (_over(None, None), _over(0.2, 1.8), "better"),
        (_over(-2, -0.1), _over(-3, -1), "worse"),
        (_over(None, None), _over(0.0, 0.0), "undecided"),
    ],
)
def test_better_is_where_both_intervals_leave_out_0(
    by_seed: Interval, by_image: Interval, word: str
) -> None:
    assert verdict_word(by_seed, by_image) == word
