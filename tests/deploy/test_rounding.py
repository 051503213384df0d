"""Weights on the grid of int8, rounded by what they read."""

import torch

from rexpand.deploy.rounding import LEVELS, rounded_rows


def steps(rows: torch.Tensor) -> torch.Tensor:
    return rows.abs().amax(-1, keepdim=True) / LEVELS


def correlated(columns: int) -> torch.Tensor:
    """The covariance of inputs that move together, as neighbouring channels do."""
    generator = torch.Generator().manual_seed(1)
    mix = torch.randn(columns, columns, generator=generator, dtype=torch.float64)
    return (mix @ mix.mT + 20 * torch.ones(columns, columns))[None]


def rows(columns: int = 24) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, 16, columns, generator=generator, dtype=torch.float64)


def loss(change: torch.Tensor, covariance: torch.Tensor) -> float:
    return float((change @ covariance * change).sum())


def test_every_weight_is_on_the_grid_of_its_filter() -> None:
    given = rows()

    found = rounded_rows(given, correlated(24))

    places = found / steps(given)
    assert torch.allclose(places, places.round(), atol=1e-9)
    # The grid can be found again: the largest weight is where it was.
    assert torch.equal(steps(found), steps(given))


def test_what_the_layer_gives_changes_less_than_by_the_nearest_points() -> None:
    given, covariance = rows(), correlated(24)
    nearest = (given / steps(given)).round() * steps(given)

    found = rounded_rows(given, covariance)

    assert loss(found - given, covariance) < 0.5 * loss(nearest - given, covariance)


def test_inputs_that_do_not_move_together_give_the_nearest_points() -> None:
    given = rows()

    found = rounded_rows(given, torch.eye(24, dtype=torch.float64)[None])

    nearest = (given / steps(given)).round() * steps(given)
    assert torch.allclose(found, nearest, atol=1e-12)


def test_weights_on_their_grid_stay() -> None:
    given = rounded_rows(rows(), correlated(24))

    found = rounded_rows(given, correlated(24))

    assert torch.allclose(found, given, atol=1e-12)


def test_filters_of_zeros_and_inputs_never_seen_stay_finite() -> None:
    found = rounded_rows(torch.zeros(3, 1, 9).double(), torch.zeros(3, 9, 9).double())

    assert torch.equal(found, torch.zeros(3, 1, 9).double())
