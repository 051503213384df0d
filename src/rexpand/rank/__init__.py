"""Rank of features: streamed spectra."""

from rexpand.rank.spectrum import Spectrum

__all__ = ["Spectrum"]
