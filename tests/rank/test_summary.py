import pytest
import torch

from rexpand.errors import RankError
from rexpand.rank import (
    Energy,
    Relative,
    Spectrum,
    TorchDefault,
    summarise_features,
    summarise_spectrum,
)
from rexpand.rank.tolerance import Absolute, describe, parse


def features(samples=40, channels=6):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(samples, channels, generator=generator)


def test_streamed_and_whole_features_have_one_summary():
    rows = features()
    spectrum = Spectrum(6)
    for batch in rows.split(7):
        spectrum.update(batch)

    streamed, whole = summarise_spectrum(spectrum), summarise_features(rows)

    assert streamed.rank == whole.rank == 6
    assert streamed.rank_ratio == 1
    assert streamed.effective_rank == pytest.approx(whole.effective_rank, rel=1e-10)
    assert streamed.nuclear_norm == pytest.approx(whole.nuclear_norm, rel=1e-10)
    assert streamed.cumulative == pytest.approx(whole.cumulative, rel=1e-10)
    assert streamed.cumulative[-1] == pytest.approx(1)


@pytest.mark.parametrize(("samples", "bounded"), [(5, True), (6, False)])
def test_too_few_samples_are_said(samples, bounded):
    found = summarise_features(features(samples))

    # Five samples span five dimensions at most, whatever the layer does.
    assert found.bounded_by_samples is bounded
    assert found.rank == min(samples, 6)


def test_a_spectrum_that_saw_nothing_has_no_summary():
    with pytest.raises(RankError, match=r"stem saw no features"):
        summarise_spectrum(Spectrum(3, name="stem"))


def test_a_stream_refuses_a_tolerance_that_it_cannot_resolve():
    spectrum = Spectrum(6)
    spectrum.update(features())

    with pytest.raises(RankError, match="resolves no relative tolerance of 1e-09"):
        summarise_spectrum(spectrum, Relative(1e-9))
    assert summarise_spectrum(spectrum, Energy(0.5)).rank < 6


@pytest.mark.parametrize(
    "tolerance",
    [Relative(1e-3), TorchDefault(), TorchDefault(1e-9), Absolute(0.1), Energy(0.9)],
)
def test_a_tolerance_is_read_as_it_is_written(tolerance):
    assert parse(describe(tolerance)) == tolerance


@pytest.mark.parametrize("text", ["", "big", "relative:", "rel:1e-3", "energy:x"])
def test_an_unreadable_tolerance_shows_how_to_write_one(text):
    with pytest.raises(RankError, match="write relative:1e-3, torch"):
        parse(text)


def test_a_bare_number_is_relative():
    assert parse("1e-4") == Relative(1e-4)
