"""Networks as data: blocks, parameterizations, the catalogue, files."""

from rexpand.spec.blocks import (
    KINDS,
    Activation,
    Block,
    DepthwiseSeparable,
    Gate,
    InvertedBottleneck,
    Shortcut,
    SqueezeExcite,
)
from rexpand.spec.catalogue import (
    ALIASES,
    CATALOGUE,
    Entry,
    Input,
    Published,
    network,
)
from rexpand.spec.cifar import for_cifar
from rexpand.spec.controls import (
    positions,
    with_activation,
    with_multiple_of,
    with_output_stride,
    with_squeeze_excite,
)
from rexpand.spec.files import (
    find_network,
    is_foreign,
    network_from_json,
    network_to_dict,
    network_to_toml,
    read_header,
    read_network,
)
from rexpand.spec.head import Head
from rexpand.spec.mobilenet import mobilenetv1, mobilenetv2
from rexpand.spec.network import NetworkSpec
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
from rexpand.spec.stem import Stem

__all__ = [
    "ALIASES",
    "CATALOGUE",
    "KINDS",
    "Activation",
    "Block",
    "DepthwiseSeparable",
    "Entry",
    "FreeList",
    "Gate",
    "Head",
    "Input",
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
    "for_cifar",
    "is_foreign",
    "mobilenetv1",
    "mobilenetv2",
    "network",
    "network_from_json",
    "network_to_dict",
    "network_to_toml",
    "parameterization_of",
    "positions",
    "read_header",
    "read_network",
    "relaxed",
    "rexnet",
    "rexnet_lite",
    "rexnet_plain",
    "search_network",
    "stages_of",
    "with_activation",
    "with_multiple_of",
    "with_output_stride",
    "with_squeeze_excite",
]
