"""Specs as torch modules: networks, features, weights."""

from rexpand.models.checkpoint import load_network, save_network
from rexpand.models.condensation import (
    FollowsProgress,
    build_for_training,
    condensed,
    followers,
    group_lasso,
    is_condensed,
)
from rexpand.models.features import FeatureExtractor
from rexpand.models.fetch import (
    Library,
    name_in,
    pretrained,
    with_new_classifier,
)
from rexpand.models.memory import check_runs
from rexpand.models.network import Network, build
from rexpand.models.source import (
    Opened,
    open_source,
    open_weightless,
    run_weightless,
)
from rexpand.models.state_files import load_weights, read_state
from rexpand.models.weights import as_released, export_state, import_state

__all__ = [
    "FeatureExtractor",
    "FollowsProgress",
    "Library",
    "Network",
    "Opened",
    "as_released",
    "build",
    "build_for_training",
    "check_runs",
    "condensed",
    "export_state",
    "followers",
    "group_lasso",
    "import_state",
    "is_condensed",
    "load_network",
    "load_weights",
    "name_in",
    "open_source",
    "open_weightless",
    "pretrained",
    "read_state",
    "run_weightless",
    "save_network",
    "with_new_classifier",
]
