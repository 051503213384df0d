"""Estimators against numpy's SVD: random, low rank, ill-conditioned, degenerate."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.errors import RankError
from rexpand.rank import (
    Absolute,
    Energy,
    Relative,
    TorchDefault,
    cumulative,
    effective_rank,
    nuclear_norm,
    numerical_rank,
    participation_ratio,
    singular_values,
    stable_rank,
)

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))
SEEDS = st.integers(0, 2**31)


def random_matrix(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape)


def with_spectrum(values, rows, seed=0):
    """A matrix with the given singular values, between random orthonormal bases."""
    draws = np.random.default_rng(seed)
    left, _ = np.linalg.qr(draws.standard_normal((rows, len(values))))
    right, _ = np.linalg.qr(draws.standard_normal((len(values), len(values))))
    return (left * np.asarray(values)) @ right.T


def tensor(matrix):
    return torch.from_numpy(np.ascontiguousarray(matrix))


@settings(deadline=None, max_examples=60)
@given(shape=SHAPES, seed=SEEDS)
def test_a_random_matrix_has_numpys_values_and_rank(shape, seed):
    matrix = random_matrix(shape, seed)

    values = singular_values(tensor(matrix), Relative(1e-5))

    expected = np.linalg.svd(matrix, compute_uv=False)
    assert np.allclose(values.numpy(), expected, atol=1e-8 * expected[0])
    assert numerical_rank(values, Relative(1e-5)) == np.linalg.matrix_rank(
        matrix, tol=1e-5 * expected[0]
    )


@settings(deadline=None, max_examples=60)
@given(shape=SHAPES, rank=st.integers(0, 24), seed=SEEDS)
def test_a_product_has_the_rank_of_its_narrowest_factor(shape, rank, seed):
    rows, columns = shape
    rank = min(rank, rows, columns)
    matrix = random_matrix((rows, rank), seed) @ random_matrix((rank, columns), seed)

    values = singular_values(tensor(matrix), TorchDefault(epsilon=2.0**-52))

    # numpy's own default, so counted by its rule; that asks for the SVD.
    assert numerical_rank(
        values, TorchDefault(epsilon=2.0**-52), shape
    ) == np.linalg.matrix_rank(matrix)


@settings(deadline=None, max_examples=40)
@given(digits=st.floats(0, 14), seed=SEEDS)
def test_an_ill_conditioned_matrix_is_exact_by_svd(digits, seed):
    spectrum = np.logspace(0, -digits, 12)
    matrix = with_spectrum(spectrum, rows=30, seed=seed)

    values = singular_values(tensor(matrix))

    assert np.allclose(values.numpy(), spectrum, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((5, 3)),
        np.ones((7, 4)),
        np.eye(6),
        np.diag([1e200, 1e-200, 0]),
        np.full((3, 3), 1e-160),
        np.zeros((0, 3)),
    ],
    ids=["zeros", "ones", "identity", "extremes", "tiny", "no samples"],
)
def test_degenerate_matrices_have_numpys_rank_and_finite_numbers(matrix):
    values = singular_values(tensor(matrix))

    if len(matrix):
        assert numerical_rank(values, Relative(1e-9)) == np.linalg.matrix_rank(
            matrix, rtol=1e-9
        )
    for estimator in (effective_rank, stable_rank, participation_ratio, nuclear_norm):
        assert torch.isfinite(estimator(values))
    assert torch.isfinite(cumulative(values)).all()


def test_zeros_have_no_rank_under_any_definition():
    values = torch.zeros(4, dtype=torch.float64)

    for tolerance in (Relative(1e-3), Absolute(1e-9), Energy(0.99)):
        assert numerical_rank(values, tolerance) == 0
    for estimator in (effective_rank, stable_rank, participation_ratio, nuclear_norm):
        assert estimator(values) == 0


@settings(deadline=None, max_examples=40)
@given(width=st.integers(1, 12), seed=SEEDS, scale=st.sampled_from([1e-9, 1.0, 1e9]))
def test_every_definition_is_its_formula(width, seed, scale):
    matrix = scale * random_matrix((20, width), seed)

    values = singular_values(tensor(matrix))

    s = np.linalg.svd(matrix, compute_uv=False)
    shares = s / s.sum()
    assert float(effective_rank(values)) == pytest.approx(
        np.exp(-(shares * np.log(shares)).sum())
    )
    assert float(stable_rank(values)) == pytest.approx((s**2).sum() / s[0] ** 2)
    assert float(participation_ratio(values)) == pytest.approx(
        (s**2).sum() ** 2 / (s**4).sum()
    )
    assert float(nuclear_norm(values)) == pytest.approx(s.sum())
    assert np.allclose(cumulative(values).numpy(), np.cumsum(shares))


@settings(deadline=None, max_examples=40)
@given(width=st.integers(1, 16), seed=SEEDS)
def test_no_soft_rank_exceeds_the_width_or_falls_below_one(width, seed):
    values = singular_values(tensor(random_matrix((20, width), seed)))

    for estimator in (effective_rank, stable_rank, participation_ratio):
        assert 1 - 1e-12 <= float(estimator(values)) <= width + 1e-9
    # By squares the largest weigh more, so the order is always the same.
    assert float(participation_ratio(values)) <= float(effective_rank(values)) + 1e-9


def test_equal_values_have_full_rank_under_every_definition():
    values = torch.full((7,), 3.0, dtype=torch.float64)

    for estimator in (effective_rank, stable_rank, participation_ratio):
        assert float(estimator(values)) == pytest.approx(7)
    assert numerical_rank(values, Energy(0.99)) == 7


def test_tolerances_count_by_their_own_rule():
    values = torch.tensor([100.0, 10.0, 1.0, 0.01], dtype=torch.float64)

    assert numerical_rank(values, Relative(1e-3)) == 3
    assert numerical_rank(values, Relative(0.05)) == 2
    assert numerical_rank(values, Absolute(0.001)) == 4
    assert numerical_rank(values, Absolute(200)) == 0
    # 10,000 of 10,101 is 99.0 %, 10,100 is 99.99 %.
    assert numerical_rank(values, Energy(0.9)) == 1
    assert numerical_rank(values, Energy(0.999)) == 2
    # 1,000 samples: 1,000 * 2^-23 is 1.2e-4 of the largest.
    assert numerical_rank(values, TorchDefault(), (1000, 4)) == 3
    assert numerical_rank(values, TorchDefault(), (4, 4)) == 4


def test_the_default_tolerance_is_torchs_own():
    matrix = tensor(random_matrix((300, 4), 0) @ random_matrix((4, 40), 1)).float()

    values = singular_values(matrix, TorchDefault())

    assert numerical_rank(values, TorchDefault(), (300, 40)) == int(
        torch.linalg.matrix_rank(matrix)
    )


@pytest.mark.parametrize("tolerance", [Relative(1e-3), Relative(1e-9), None])
def test_batches_are_computed_one_by_one(tolerance):
    batch = torch.stack(
        [tensor(random_matrix((9, 5), seed)) for seed in range(6)]
    ).reshape(2, 3, 9, 5)

    values = singular_values(batch, tolerance)

    assert values.shape == (2, 3, 5)
    assert effective_rank(values).shape == (2, 3)
    for i in range(2):
        for j in range(3):
            alone = singular_values(batch[i, j], tolerance)
            assert torch.allclose(values[i, j], alone, rtol=1e-12)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_features_that_are_not_finite_name_their_layer(bad):
    matrix = torch.ones(4, 3)
    matrix[2, 1] = bad

    with pytest.raises(RankError, match=r"blocks\.3 has 1 NaN or infinite .* of 12"):
        singular_values(matrix, Relative(1e-3), "blocks.3")


def test_torchs_tolerance_asks_for_the_shape():
    with pytest.raises(RankError, match="shape"):
        numerical_rank(torch.ones(3), TorchDefault())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Relative(0),
        lambda: Relative(1.5),
        lambda: Absolute(-1),
        lambda: Energy(1.0),
        lambda: TorchDefault(0),
        lambda: Relative(float("nan")),
    ],
)
def test_a_tolerance_that_counts_nothing_is_refused(make):
    with pytest.raises(RankError, match="must lie between"):
        make()
