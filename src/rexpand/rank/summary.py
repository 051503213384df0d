"""Every definition of rank for one matrix of features, as one value."""

from dataclasses import dataclass

from torch import Tensor

from rexpand.errors import RankError
from rexpand.rank.decomposition import GRAM_BORDER, singular_values
from rexpand.rank.estimators import (
    cumulative,
    effective_rank,
    nuclear_norm,
    numerical_rank,
    participation_ratio,
    stable_rank,
)
from rexpand.rank.spectrum import Spectrum
from rexpand.rank.tolerance import (
    DEFAULT_TOLERANCE,
    Relative,
    Tolerance,
    TorchDefault,
    describe,
    relative_value,
)


@dataclass(frozen=True, kw_only=True)
class RankSummary:
    """The ranks of features of (samples, channels).

    `rank_ratio` is the numerical rank over the channels. `cumulative` has one entry a
    singular value. With `bounded_by_samples` there were fewer samples than channels,
    so that no rank could reach the channels: the numbers say little of the layer.
    """

    samples: int
    channels: int
    tolerance: str
    rank: int
    rank_ratio: float
    effective_rank: float
    stable_rank: float
    participation_ratio: float
    nuclear_norm: float
    largest: float
    cumulative: tuple[float, ...]
    bounded_by_samples: bool


def summarise(
    values: Tensor,
    *,
    samples: int,
    channels: int,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
) -> RankSummary:
    """All definitions from one matrix's singular values, (d,), largest first."""
    rank = int(numerical_rank(values, tolerance, (samples, channels)))
    return RankSummary(
        samples=samples,
        channels=channels,
        tolerance=describe(tolerance),
        rank=rank,
        rank_ratio=rank / channels,
        effective_rank=float(effective_rank(values)),
        stable_rank=float(stable_rank(values)),
        participation_ratio=float(participation_ratio(values)),
        nuclear_norm=float(nuclear_norm(values)),
        largest=float(values[0]),
        cumulative=tuple(cumulative(values).tolist()),
        bounded_by_samples=samples < channels,
    )


def summarise_features(
    features: Tensor, tolerance: Tolerance = DEFAULT_TOLERANCE, name: str = "the layer"
) -> RankSummary:
    """All definitions for features of (samples, channels) that are here as a whole."""
    samples, channels = features.shape
    if not samples:
        raise RankError(f"{name} has no samples; give it at least one image")
    values = singular_values(features, tolerance, name)
    return summarise(values, samples=samples, channels=channels, tolerance=tolerance)


def summarise_spectrum(
    spectrum: Spectrum, tolerance: Tolerance = DEFAULT_TOLERANCE
) -> RankSummary:
    """All definitions for streamed features.

    RankError if nothing came, or if the tolerance is finer than a Gram matrix resolves.
    """
    shape = (spectrum.samples, spectrum.channels)
    if not spectrum.samples:
        raise RankError(f"{spectrum.name} saw no features; give it at least one batch")
    if isinstance(tolerance, Relative | TorchDefault):
        value = relative_value(tolerance, shape)
        if value < GRAM_BORDER:
            raise RankError(
                f"a streamed spectrum resolves no relative tolerance of {value:g}; "
                f"use {GRAM_BORDER:g} or more"
            )
    return summarise(
        spectrum.singular_values(),
        samples=shape[0],
        channels=shape[1],
        tolerance=tolerance,
    )
