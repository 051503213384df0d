from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.errors import RankError
from rexpand.rank import Spectrum


def features(samples: int, width: int, seed: int = 0) -> torch.Tensor:
    """Features whose columns differ in scale by a factor of a hundred."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(samples, width, generator=generator, dtype=torch.float64)
    return rows * torch.logspace(0, 2, width, dtype=torch.float64)


def spectrum(*batches: torch.Tensor) -> Spectrum:
    found = Spectrum(batches[0].shape[1])
    for batch in batches:
        found.update(batch)
    return found


@settings(deadline=None, max_examples=40)
@given(width=st.integers(1, 16), more=st.integers(0, 40), seed=st.integers(0, 2**31))
def test_singular_values_are_numpys(width, more, seed):
    rows = features(width + more, width, seed)

    found = spectrum(rows).singular_values()

    # The Gram matrix squares them: exact to about 1e-8 of the largest.
    expected = np.linalg.svd(rows.numpy(), compute_uv=False)
    assert np.allclose(found.numpy(), expected, rtol=0, atol=1e-7 * expected[0])


@settings(deadline=None, max_examples=40)
@given(cuts=st.lists(st.integers(0, 60), max_size=5), seed=st.integers(0, 2**31))
def test_streaming_equals_one_shot(cuts, seed):
    rows = features(60, 8, seed)
    edges = [0, *sorted(cuts), 60]
    batches = [rows[a:b] for a, b in pairwise(edges)]

    streamed, whole = spectrum(*batches), spectrum(rows)

    # However the samples come, empty batches too.
    assert streamed.samples == whole.samples == 60
    assert streamed.nuclear_norm() == pytest.approx(whole.nuclear_norm(), rel=1e-10)
    assert torch.allclose(
        streamed.singular_values(), whole.singular_values(), rtol=1e-10, atol=0
    )


def test_the_nuclear_norm_is_numpys():
    rows = features(100, 12)

    expected = np.linalg.norm(rows.numpy(), ord="nuc")

    assert spectrum(rows).nuclear_norm() == pytest.approx(expected, rel=1e-9)


def test_singular_values_come_largest_first():
    found = spectrum(features(50, 9)).singular_values()

    assert found.tolist() == sorted(found.tolist(), reverse=True)
    assert len(found) == 9


def test_single_precision_is_summed_in_double():
    rows = features(64, 8).float()

    streamed = spectrum(*rows.split(1))

    # Features come in float32 from a network; nothing more is lost on the way.
    expected = np.linalg.svd(rows.double().numpy(), compute_uv=False)
    assert np.allclose(streamed.singular_values().numpy(), expected, rtol=1e-7)


@pytest.mark.parametrize(("samples", "rank"), [(0, 0), (3, 3)])
def test_fewer_samples_than_features_leave_zeros(samples, rank):
    found = spectrum(features(samples, 6)).singular_values()

    # Never negative and never not a number, though eigenvalues may fall below 0.
    assert (found >= 0).all()
    assert int((found > 1e-6 * max(1.0, found[0])).sum()) == rank


def test_orthonormal_features_have_ones():
    found = spectrum(torch.eye(5))

    assert torch.allclose(found.singular_values(), torch.ones(5, dtype=torch.float64))
    assert found.nuclear_norm() == pytest.approx(5)


def test_batches_of_another_width_are_refused():
    with pytest.raises(RuntimeError, match="size"):
        spectrum(torch.ones(2, 3)).update(torch.ones(2, 4))


@settings(deadline=None, max_examples=30)
@given(owners=st.lists(st.integers(0, 3), min_size=8, max_size=8), seed=st.integers(0))
def test_workers_merge_to_the_whole(owners, seed):
    rows = features(64, 8, seed % 2**31)
    workers = [Spectrum(8) for _ in range(4)]
    for owner, batch in zip(owners, rows.split(8), strict=True):
        workers[owner].update(batch)

    first, *others = workers
    for other in others:
        first.merge(other)

    # Whoever saw what: workers without a batch too.
    whole = spectrum(rows)
    assert first.samples == whole.samples == 64
    assert torch.allclose(
        first.singular_values(), whole.singular_values(), rtol=1e-10, atol=0
    )


def test_spectra_of_two_layers_do_not_merge():
    with pytest.raises(RankError, match=r"stem has 3 channels and head has 4"):
        Spectrum(3, "stem").merge(Spectrum(4, "head"))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_features_that_are_not_finite_name_the_layer_and_are_left_out(bad):
    found = Spectrum(3, name="blocks.7")
    found.update(torch.ones(2, 3))

    with pytest.raises(RankError, match=r"blocks\.7 has NaN or infinite .* 2 to 3"):
        found.update(torch.tensor([[1.0, 2.0, 3.0], [1.0, bad, 3.0]]))

    assert found.samples == 2
    assert torch.isfinite(found.singular_values()).all()


def test_memory_does_not_grow_with_the_samples():
    found = Spectrum(16)
    before = sum(each.numel() for each in vars(found).values() if torch.is_tensor(each))

    for _ in range(50):
        found.update(torch.ones(100, 16))

    held = sum(each.numel() for each in vars(found).values() if torch.is_tensor(each))
    assert held == before == 16 * 16
