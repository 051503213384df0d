"""State dicts of other releases: one rename table per library and family."""

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from rexpand.errors import CheckpointError
from rexpand.models.network import build
from rexpand.models.weights import (
    mixnet,
    resnet,
    rexnet,
    shufflenetv2,
    squeezenet,
    timm_mobile,
    torchvision_mobile,
    xception,
)
from rexpand.models.weights.release import Layout, Release
from rexpand.spec import NetworkSpec, SpecLike, as_spec

State = Mapping[str, Tensor]

RELEASES: Mapping[tuple[Layout, str], Release] = MappingProxyType(
    {
        ("timm", "resnet"): resnet.RESNET,
        ("timm", "resnext"): resnet.RESNET,
        ("torchvision", "resnet"): resnet.RESNET,
        ("torchvision", "resnext"): resnet.RESNET,
        ("torchvision", "shufflenetv2"): shufflenetv2.TORCHVISION,
        ("torchvision", "squeezenet"): squeezenet.TORCHVISION,
        ("timm", "xception"): xception.TIMM,
        ("timm", "mixnet"): mixnet.TIMM,
        ("timm", "efficientnet"): timm_mobile.TIMM,
        ("timm", "efficientnet_lite"): timm_mobile.TIMM,
        ("timm", "fbnet"): timm_mobile.TIMM,
        ("timm", "mnasnet"): timm_mobile.TIMM,
        ("timm", "mobilenetv1"): timm_mobile.TIMM,
        ("timm", "mobilenetv2"): timm_mobile.TIMM,
        ("timm", "mobilenetv3"): timm_mobile.TIMM,
        ("torchvision", "efficientnet"): torchvision_mobile.EFFICIENTNET,
        ("torchvision", "mnasnet"): torchvision_mobile.MNASNET,
        ("torchvision", "mobilenetv2"): torchvision_mobile.MOBILENET_V2,
        ("torchvision", "mobilenetv3"): torchvision_mobile.MOBILENET_V3,
        ("timm", "rexnet"): rexnet.TIMM,
        ("official", "rexnet"): rexnet.OFFICIAL,
        ("official", "rexnet_lite"): rexnet.OFFICIAL_LITE,
    }
)


def import_state(spec: SpecLike, state: State, layout: Layout) -> dict[str, Tensor]:
    """Another release's state dict with our names and shapes.

    Raises CheckpointError if it lacks a tensor of the network, or has an additional
    one, or one of another shape.
    """
    spec = as_spec(spec)
    table = {theirs: ours for ours, theirs in release(spec, layout).names(spec).items()}
    imported = {_renamed(key, table): tensor for key, tensor in state.items()}
    with torch.device("meta"):
        expected = build(spec).state_dict()
    for name in sorted(expected.keys() ^ imported.keys()):
        where = "network" if name in expected else "weights"
        raise CheckpointError(
            f"tensor {name} is only in the {where}; give the weights of this network"
        )
    return {name: _shaped(name, imported[name], expected[name]) for name in expected}


def export_state(spec: SpecLike, state: State, layout: Layout) -> dict[str, Tensor]:
    """Our state dict with another release's names and shapes."""
    spec = as_spec(spec)
    theirs = release(spec, layout)
    table = theirs.names(spec)
    return {
        _renamed(key, table): tensor[:, :, None, None]
        if key in theirs.as_convolution
        else tensor
        for key, tensor in state.items()
    }


def as_released(spec: SpecLike, layout: Layout) -> NetworkSpec:
    """The spec under which our module computes exactly what the library's does."""
    spec = as_spec(spec)
    return release(spec, layout).adapted(spec)


def release(spec: NetworkSpec, layout: Layout) -> Release:
    """How a library names a network's tensors; CheckpointError for other families."""
    if (layout, spec.family) not in RELEASES:
        known = sorted(family for library, family in RELEASES if library == layout)
        raise CheckpointError(
            f"{layout} weights are known for {', '.join(known)}, not for {spec.family}"
        )
    return RELEASES[layout, spec.family]


def layout_of(spec: NetworkSpec, state: State) -> Layout | None:
    """The library whose names a state dict has; None for our own names or unknown ones.

    A library that lacks this network of the family is skipped.
    """
    modules = {key.rpartition(".")[0] for key in state}
    for (layout, family), theirs in RELEASES.items():
        if family != spec.family:
            continue
        try:
            names = theirs.names(spec)
        except CheckpointError:
            continue
        if modules <= set(names.values()) and modules != set(names):
            return layout
    return None


def _renamed(key: str, table: Mapping[str, str]) -> str:
    module, _, tensor = key.rpartition(".")
    if module not in table:
        raise CheckpointError(f"tensor {key} belongs to no layer of this network")
    return f"{table[module]}.{tensor}"


def _shaped(name: str, tensor: Tensor, expected: Tensor) -> Tensor:
    """The tensor in our shape: a 1x1 convolution may be our linear layer."""
    shaped = tensor.flatten(1) if expected.dim() == 2 and tensor.dim() == 4 else tensor
    if shaped.shape == expected.shape:
        return shaped
    way_out = ""
    if "classifier" in name:
        way_out = (
            f"; to keep all but the classifier, load into with_classes({len(tensor)}) "
            "and give rexpand.models.with_new_classifier(network, num_classes)"
        )
    raise CheckpointError(
        f"tensor {name} has shape {tuple(tensor.shape)}, the network "
        f"{tuple(expected.shape)}{way_out}"
    )


__all__ = [
    "RELEASES",
    "Layout",
    "Release",
    "as_released",
    "export_state",
    "import_state",
    "layout_of",
    "release",
]
