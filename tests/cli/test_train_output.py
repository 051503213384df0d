"""How `rexpand train` writes the accuracies of its seeds."""

import pytest

from rexpand.cli.train import written


@pytest.mark.parametrize(
    ("accuracies", "text"),
    [
        # The sample's standard deviation, over n - 1, and n.
        ((39.3, 40.6, 40.6), "40.17 ± 0.75 %, 3 seeds"),
        ((39.0, 41.0), "40.00 ± 1.41 %, 2 seeds"),
        # One seed has none.
        ((40.2,), "40.20 %, 1 seed"),
    ],
)
def test_accuracies_stand_with_their_spread_and_number(
    accuracies: tuple[float, ...], text: str
) -> None:
    assert written(accuracies) == text
