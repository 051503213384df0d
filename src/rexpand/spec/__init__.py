"""Networks as data: blocks, parameterizations, the catalogue, files."""

from rexpand.size import Resolution, Size
from rexpand.spec.as_spec import (
    SpecLike,
    as_spec,
    spec_or_source,
    stated_resolution,
)
from rexpand.spec.blocks import (
    KINDS,
    Activation,
    BasicResidual,
    BlockSpec,
    Cell,
    CellEdge,
    Convolution,
    Dense,
    DepthwiseSeparable,
    Fire,
    Gate,
    InvertedBottleneck,
    InvertedResidual,
    MixedBottleneck,
    Residual,
    ResidualBottleneck,
    ResidualShortcut,
    SeparableStack,
    Shortcut,
    ShuffleV1,
    ShuffleV2,
    SqueezeExcite,
    SqueezeReference,
)
from rexpand.spec.catalogue import (
    ALIASES,
    CATALOGUE,
    Entry,
    Input,
    Published,
    entry_of,
    network,
)
from rexpand.spec.cifar import for_cifar
from rexpand.spec.compound import Compound, Scalable, Scaled, doublings, scalable
from rexpand.spec.controls import (
    positions,
    with_activation,
    with_learned_groups,
    with_multiple_of,
    with_output_stride,
    with_shuffle,
    with_squeeze_excite,
)
from rexpand.spec.detector import (
    DETECTORS,
    IMAGENET_MEAN,
    IMAGENET_STD,
    BackboneNorm,
    DetectorKind,
    DetectorSpec,
    FasterRCNN,
    Feature,
    ForeignBackbone,
    MaskRCNN,
    SSDLite,
)
from rexpand.spec.export_format import (
    EXPORT_FORMATS,
    EXPORT_PRECISIONS,
    ExportFormat,
    ExportPrecision,
    check_installed,
    check_precision,
    find_formats,
    format_of,
    is_exported,
)
from rexpand.spec.families.atomnas import atomnas
from rexpand.spec.families.condensenet import condensenet
from rexpand.spec.families.darts import darts, fairdarts_b, pdarts
from rexpand.spec.families.efficientnet import efficientnet, efficientnet_lite
from rexpand.spec.families.fairnas import fairnas
from rexpand.spec.families.fbnet import fbnet
from rexpand.spec.families.mixnet import mixnet_m, mixnet_s
from rexpand.spec.families.mnasnet import mnasnet
from rexpand.spec.families.mobile_darts import darts_plus_se, fairdarts_c
from rexpand.spec.families.mobilenet import mobilenetv1, mobilenetv2
from rexpand.spec.families.mobilenetv3 import mobilenetv3
from rexpand.spec.families.nasnet import amoebanet_a, nasnet_a, pnasnet_5
from rexpand.spec.families.proxylessnas import proxylessnas
from rexpand.spec.families.resnet import bottleneck_resnet, resnet
from rexpand.spec.families.rexnet import rexnet, rexnet_lite, rexnet_plain
from rexpand.spec.families.search import search_network
from rexpand.spec.families.shufflenet import shufflenetv1, shufflenetv2
from rexpand.spec.families.squeezenet import squeezenet
from rexpand.spec.families.xception import xception
from rexpand.spec.feature_levels import (
    FeatureLevel,
    all_levels,
    expanded_levels,
    feature_levels,
    last_level,
)
from rexpand.spec.files import (
    network_from_json,
    network_to_dict,
    network_to_toml,
    read_contract,
    read_network,
)
from rexpand.spec.head import Head
from rexpand.spec.hub import HUB_FILE, check_hub_name, hub_failure, hub_file
from rexpand.spec.image_contract import (
    Image,
    ImageContract,
    Interpolation,
    Padding,
)
from rexpand.spec.line_fit import FittedLine, fitted_line
from rexpand.spec.named_controls import Controls
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
from rexpand.spec.source import Source, SourceKind
from rexpand.spec.stem import Stem

__all__ = [
    "ALIASES",
    "CATALOGUE",
    "DETECTORS",
    "EXPORT_FORMATS",
    "EXPORT_PRECISIONS",
    "HUB_FILE",
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "KINDS",
    "Activation",
    "BackboneNorm",
    "BasicResidual",
    "BlockSpec",
    "Cell",
    "CellEdge",
    "Compound",
    "Controls",
    "Convolution",
    "Dense",
    "DepthwiseSeparable",
    "DetectorKind",
    "DetectorSpec",
    "Entry",
    "ExportFormat",
    "ExportPrecision",
    "FasterRCNN",
    "Feature",
    "FeatureLevel",
    "Fire",
    "FittedLine",
    "ForeignBackbone",
    "FreeList",
    "Gate",
    "Head",
    "Image",
    "ImageContract",
    "Input",
    "Interpolation",
    "InvertedBottleneck",
    "InvertedResidual",
    "Linear",
    "MaskRCNN",
    "MixedBottleneck",
    "NetworkSpec",
    "Padding",
    "Parameterization",
    "PiecewiseLinear",
    "Published",
    "Residual",
    "ResidualBottleneck",
    "ResidualShortcut",
    "Resolution",
    "SSDLite",
    "Scalable",
    "Scaled",
    "SeparableStack",
    "Shortcut",
    "ShuffleV1",
    "ShuffleV2",
    "Size",
    "Source",
    "SourceKind",
    "SpecLike",
    "SqueezeExcite",
    "SqueezeReference",
    "Stagewise",
    "Stem",
    "all_levels",
    "amoebanet_a",
    "as_spec",
    "atomnas",
    "bottleneck_resnet",
    "check_hub_name",
    "check_installed",
    "check_precision",
    "condensenet",
    "darts",
    "darts_plus_se",
    "doublings",
    "efficientnet",
    "efficientnet_lite",
    "entry_of",
    "expanded_levels",
    "fairdarts_b",
    "fairdarts_c",
    "fairnas",
    "fbnet",
    "feature_levels",
    "find_formats",
    "fitted_line",
    "for_cifar",
    "format_of",
    "hub_failure",
    "hub_file",
    "is_exported",
    "last_level",
    "mixnet_m",
    "mixnet_s",
    "mnasnet",
    "mobilenetv1",
    "mobilenetv2",
    "mobilenetv3",
    "nasnet_a",
    "network",
    "network_from_json",
    "network_to_dict",
    "network_to_toml",
    "parameterization_of",
    "pdarts",
    "pnasnet_5",
    "positions",
    "proxylessnas",
    "read_contract",
    "read_network",
    "relaxed",
    "resnet",
    "rexnet",
    "rexnet_lite",
    "rexnet_plain",
    "scalable",
    "search_network",
    "shufflenetv1",
    "shufflenetv2",
    "spec_or_source",
    "squeezenet",
    "stages_of",
    "stated_resolution",
    "with_activation",
    "with_learned_groups",
    "with_multiple_of",
    "with_output_stride",
    "with_shuffle",
    "with_squeeze_excite",
    "xception",
]
