"""Specs as torch modules: networks, features, weights, measured cost."""

from rexpand.models.blocks import build_block
from rexpand.models.checkpoint import load_network, save_network
from rexpand.models.features import FeatureExtractor, FeatureLevel, feature_levels
from rexpand.models.find import find_module
from rexpand.models.measure import measure
from rexpand.models.network import Network, build
from rexpand.models.weights import as_released, export_state, import_state

__all__ = [
    "FeatureExtractor",
    "FeatureLevel",
    "Network",
    "as_released",
    "build",
    "build_block",
    "export_state",
    "feature_levels",
    "find_module",
    "import_state",
    "load_network",
    "measure",
    "save_network",
]
