"""Rank of features: estimators, streamed spectra, random layers, trained networks."""

from rexpand.rank.decomposition import GRAM_BORDER, singular_values
from rexpand.rank.estimators import (
    cumulative,
    effective_rank,
    nuclear_norm,
    numerical_rank,
    participation_ratio,
    stable_rank,
)
from rexpand.rank.layers import LayerDesign, study_layers
from rexpand.rank.network import RankPlan, layer_ranks, network_spectra, rank_network
from rexpand.rank.positions import Positions
from rexpand.rank.protocol import PRESETS, Protocol
from rexpand.rank.sensitivity import study_sensitivity
from rexpand.rank.sites import Site, chosen_sites, find_sites
from rexpand.rank.spectrum import Spectrum
from rexpand.rank.summary import (
    RankSummary,
    summarise,
    summarise_features,
    summarise_spectrum,
)
from rexpand.rank.tolerance import (
    Absolute,
    Energy,
    Relative,
    Tolerance,
    TorchDefault,
)

__all__ = [
    "GRAM_BORDER",
    "PRESETS",
    "Absolute",
    "Energy",
    "LayerDesign",
    "Positions",
    "Protocol",
    "RankPlan",
    "RankSummary",
    "Relative",
    "Site",
    "Spectrum",
    "Tolerance",
    "TorchDefault",
    "chosen_sites",
    "cumulative",
    "effective_rank",
    "find_sites",
    "layer_ranks",
    "network_spectra",
    "nuclear_norm",
    "numerical_rank",
    "participation_ratio",
    "rank_network",
    "singular_values",
    "stable_rank",
    "study_layers",
    "study_sensitivity",
    "summarise",
    "summarise_features",
    "summarise_spectrum",
]
