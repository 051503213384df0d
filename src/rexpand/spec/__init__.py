"""Networks as data: blocks, parameterizations, the catalogue, files."""

from rexpand.spec.blocks import (
    Activation,
    Block,
    DepthwiseSeparable,
    Gate,
    InvertedBottleneck,
    Shortcut,
    SqueezeExcite,
)
from rexpand.spec.catalogue import CATALOGUE, Entry, Published, network
from rexpand.spec.files import (
    find_network,
    is_foreign,
    network_from_json,
    network_to_dict,
    network_to_toml,
    read_header,
    read_network,
)
from rexpand.spec.mobilenet import mobilenetv1, mobilenetv2
from rexpand.spec.network import Head, NetworkSpec, Stem
from rexpand.spec.parameterizations import (
    FreeList,
    Linear,
    Parameterization,
    PiecewiseLinear,
    Stagewise,
    parameterization_of,
    stages_of,
)
from rexpand.spec.relaxation import relaxed
from rexpand.spec.rexnet import rexnet, rexnet_lite, rexnet_plain
from rexpand.spec.search_network import search_network

__all__ = [
    "CATALOGUE",
    "Activation",
    "Block",
    "DepthwiseSeparable",
    "Entry",
    "FreeList",
    "Gate",
    "Head",
    "InvertedBottleneck",
    "Linear",
    "NetworkSpec",
    "Parameterization",
    "PiecewiseLinear",
    "Published",
    "Shortcut",
    "SqueezeExcite",
    "Stagewise",
    "Stem",
    "find_network",
    "is_foreign",
    "mobilenetv1",
    "mobilenetv2",
    "network",
    "network_from_json",
    "network_to_dict",
    "network_to_toml",
    "parameterization_of",
    "read_header",
    "read_network",
    "relaxed",
    "rexnet",
    "rexnet_lite",
    "rexnet_plain",
    "search_network",
    "stages_of",
]
