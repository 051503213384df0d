"""Where the border lies between the Gram matrix and the SVD."""

import numpy as np
import pytest
import torch

from rexpand.rank import (
    GRAM_BORDER,
    Absolute,
    Energy,
    Relative,
    TorchDefault,
    numerical_rank,
    singular_values,
)
from rexpand.rank.decomposition import (
    gram_singular_values,
    method_for,
    smaller_gram,
)


def straddling(tolerance, gap=0.01, pairs=8, matrices=50):
    """Matrices with values a hundredth above and below a threshold, s_1 = 1."""
    generator = torch.Generator().manual_seed(0)
    near = tolerance * torch.tensor([1 + gap, 1 - gap], dtype=torch.float64)
    spectrum = torch.cat([torch.ones(4, dtype=torch.float64), near.repeat(pairs)])
    spectrum = spectrum.sort(descending=True).values
    draws = torch.randn(
        matrices, 40, len(spectrum), generator=generator, dtype=torch.float64
    )
    left = torch.linalg.qr(draws).Q
    right = torch.linalg.qr(draws[:, : len(spectrum)]).Q
    return left * spectrum @ right.mT, 4 + pairs


def mistakes(values, tolerance, rank):
    return int((numerical_rank(values, Relative(tolerance)) != rank).sum())


@pytest.mark.parametrize("tolerance", [1e-1, 1e-3, 1e-5, GRAM_BORDER])
def test_down_to_the_border_the_gram_matrix_counts_right(tolerance):
    matrices, rank = straddling(tolerance)

    values = gram_singular_values(smaller_gram(matrices))

    # Even values one percent off the threshold fall on the right side.
    assert mistakes(values, tolerance, rank) == 0


def test_two_digits_below_the_border_the_gram_matrix_counts_wrong():
    matrices, rank = straddling(GRAM_BORDER / 100)

    by_gram = gram_singular_values(smaller_gram(matrices))
    chosen = singular_values(matrices, Relative(GRAM_BORDER / 100))

    # Most counts are wrong there; the choice is the SVD, and none is.
    assert mistakes(by_gram, GRAM_BORDER / 100, rank) > 25
    assert mistakes(chosen, GRAM_BORDER / 100, rank) == 0


@pytest.mark.parametrize("exponent", [-2, -4, -6])
def test_the_gram_matrix_loses_as_many_digits_as_predicted(exponent):
    smallest = 10.0**exponent
    matrices, _ = straddling(smallest, gap=0.0)

    values = gram_singular_values(smaller_gram(matrices))[:, 4:]

    # eps / (2 s^2), times a constant that sums of rounding give.
    error = float((values / smallest - 1).abs().max())
    assert error < 40 * 2.0**-52 / (2 * smallest**2)


@pytest.mark.parametrize(
    ("tolerance", "method"),
    [
        (None, "svd"),
        (Relative(1e-3), "gram"),
        (Relative(GRAM_BORDER), "gram"),
        (Relative(0.99 * GRAM_BORDER), "svd"),
        (TorchDefault(), "gram"),  # 64 * 1.2e-7
        (TorchDefault(epsilon=2.0**-52), "svd"),
        (Energy(0.99), "gram"),
        (Energy(1 - 1e-12), "svd"),
        (Absolute(1.0), "gram"),
        (Absolute(1e-7), "svd"),
    ],
)
def test_the_tolerance_chooses_the_method(tolerance, method):
    matrix = torch.randn(64, 8, generator=torch.Generator().manual_seed(0)).double()

    assert method_for(matrix, tolerance) == method


def test_the_smaller_gram_matrix_is_taken():
    assert smaller_gram(torch.ones(5, 100, 3)).shape == (5, 3, 3)
    assert smaller_gram(torch.ones(5, 3, 100)).shape == (5, 3, 3)


def test_tall_and_wide_have_the_same_values():
    tall = torch.randn(30, 7, generator=torch.Generator().manual_seed(1))

    for tolerance in (None, Relative(1e-3)):
        assert torch.allclose(
            singular_values(tall, tolerance), singular_values(tall.mT, tolerance)
        )


def test_single_precision_is_computed_in_double():
    matrix = torch.randn(50, 6, generator=torch.Generator().manual_seed(2))

    values = singular_values(matrix, Relative(1e-3))

    assert values.dtype == torch.float64
    expected = np.linalg.svd(matrix.double().numpy(), compute_uv=False)
    assert np.allclose(values.numpy(), expected, rtol=1e-12)
