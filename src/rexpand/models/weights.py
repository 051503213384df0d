"""State dicts of other releases: one rename table each, and every key is used.

A table goes from our module names to theirs. timm's and the official ReXNet hold the
same tensors; the official one shapes its classifier as a 1x1 convolution.
"""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from rexpand.errors import CheckpointError
from rexpand.models.network import build
from rexpand.spec import InvertedBottleneck, NetworkSpec

Layout = Literal["timm", "official"]
State = Mapping[str, Tensor]


def import_state(spec: NetworkSpec, state: State, layout: Layout) -> dict[str, Tensor]:
    """Another release's state dict with our names.

    Raises CheckpointError if it lacks a tensor of the network or holds one too many.
    """
    table = {theirs: ours for ours, theirs in names(spec, layout).items()}
    imported = {_renamed(key, table): tensor for key, tensor in state.items()}
    with torch.device("meta"):
        expected = build(spec).state_dict()
    for name in sorted(expected.keys() ^ imported.keys()):
        where = "network" if name in expected else "weights"
        raise CheckpointError(
            f"tensor {name} is in the {where} alone; give the weights of this network"
        )
    ours = imported.get("head.classifier.weight")
    if ours is not None:
        imported["head.classifier.weight"] = ours.flatten(1)
    return imported


def export_state(spec: NetworkSpec, state: State, layout: Layout) -> dict[str, Tensor]:
    """Our state dict with another release's names."""
    table = names(spec, layout)
    exported = {_renamed(key, table): tensor for key, tensor in state.items()}
    if layout == "official" and spec.num_classes:
        key = _renamed("head.classifier.weight", table)
        exported[key] = exported[key][:, :, None, None]
    return exported


def names(spec: NetworkSpec, layout: Layout) -> dict[str, str]:
    """Their module name for each of ours that holds tensors."""
    if spec.family != "rexnet":
        raise CheckpointError(
            f"{layout} weights are known for the family rexnet, not {spec.family}"
        )
    return _timm_names(spec) if layout == "timm" else _official_names(spec)


def _renamed(key: str, table: Mapping[str, str]) -> str:
    module, _, tensor = key.rpartition(".")
    if module not in table:
        raise CheckpointError(f"tensor {key} belongs to no layer of this network")
    return f"{table[module]}.{tensor}"


def _timm_names(spec: NetworkSpec) -> dict[str, str]:
    table = {"stem.conv": "stem.conv", "stem.norm": "stem.bn"}
    for index, block in enumerate(spec.blocks):
        ours, theirs = f"blocks.{index}", f"features.{index}"
        for part, name in _PARTS:
            if part != "expand" or _expands(block):
                table[f"{ours}.{part}.conv"] = f"{theirs}.{name}.conv"
                table[f"{ours}.{part}.norm"] = f"{theirs}.{name}.bn"
        if _squeezes(block):
            for part, name in (("reduce", "fc1"), ("norm", "bn"), ("expand", "fc2")):
                table[f"{ours}.squeeze_excite.{part}"] = f"{theirs}.se.{name}"
    last = f"features.{spec.depth}"
    return table | {
        "penultimate.conv": f"{last}.conv",
        "penultimate.norm": f"{last}.bn",
        "head.classifier": "head.fc",
    }


_PARTS = (("expand", "conv_exp"), ("depthwise", "conv_dw"), ("project", "conv_pwl"))


def _official_names(spec: NetworkSpec) -> dict[str, str]:
    """The official layout numbers its layers, activations included."""
    table = {"stem.conv": "features.0", "stem.norm": "features.1"}
    for index, block in enumerate(spec.blocks):
        ours, theirs = f"blocks.{index}", f"features.{index + 3}.out"
        place = 0
        if _expands(block):
            table |= _pair(f"{ours}.expand", theirs, place)
            place += 3  # convolution, norm, activation
        table |= _pair(f"{ours}.depthwise", theirs, place)
        place += 2
        if _squeezes(block):
            for part, number in (("reduce", 0), ("norm", 1), ("expand", 3)):
                table[f"{ours}.squeeze_excite.{part}"] = f"{theirs}.{place}.fc.{number}"
            place += 1
        table |= _pair(f"{ours}.project", theirs, place + 1)  # behind ReLU6
    place = spec.depth + 3
    table |= _pair("penultimate", "features", place)
    return table | {"head.classifier": "output.1"}


def _pair(ours: str, theirs: str, place: int) -> dict[str, str]:
    return {
        f"{ours}.conv": f"{theirs}.{place}",
        f"{ours}.norm": f"{theirs}.{place + 1}",
    }


def _expands(block: object) -> bool:
    return isinstance(block, InvertedBottleneck) and block.expand_ratio != 1


def _squeezes(block: object) -> bool:
    return isinstance(block, InvertedBottleneck) and block.squeeze_excite is not None
