"""Weights that TensorFlow trained, with the batch norms folded into biases.

Their images hold RGB in [-1, 1], and strided convolutions pad by TensorFlow's rule
(`rexpand.models.same_padding`). They are recognised by their form: MobileNetV1's own
names, or torchvision's names with batch norms that only add.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from rexpand.errors import CheckpointError
from rexpand.models.weights import import_state
from rexpand.spec import DepthwiseSeparable, ImageContract, NetworkSpec

_NORM_EPS = 1e-5  # with a variance of 1 - 1e-5 a batch norm then only adds
_ROLES = ("weight", "bias")
_VARIANCE_GAP = 1e-7  # rounding of float32; a new norm's variance of 1 is 1e-5 away


def is_tensorflows(state: Mapping[str, Tensor]) -> bool:
    """Whether tensors are those of a folded release, by their form alone."""
    if _has_own_names(state):
        return True
    means = [each for name, each in state.items() if name.endswith("running_mean")]
    variances = [each for name, each in state.items() if name.endswith("running_var")]
    return (
        bool(means)
        and not any(each.any() for each in means)
        and all(
            (each - (1 - _NORM_EPS)).abs().max() < _VARIANCE_GAP for each in variances
        )
    )


def _has_own_names(state: Mapping[str, Tensor]) -> bool:
    """Whether the names are those that only MobileNetV1's release has."""
    return "stem.0.weight" in state and "fc.weight" in state


def tensorflow_contract(contract: ImageContract) -> ImageContract:
    """What TensorFlow's evaluation feeds these networks, at the size of `contract`.

    tensorflow/models, research/slim/preprocessing/inception_preprocessing.py.
    """
    return replace(
        contract,
        mean=(0.5,) * contract.channels,
        std=(0.5,) * contract.channels,
        interpolation="bilinear",
        crop=0.875,
        padding="tensorflow_same",
        origin="tensorflow",
    )


def tensorflow_spec(spec: NetworkSpec) -> NetworkSpec:
    """The network in which a folded batch norm only adds."""
    return replace(spec, norm_eps=_NORM_EPS)


def tensorflow_state(
    spec: NetworkSpec, state: Mapping[str, Tensor], path: Path
) -> dict[str, Tensor]:
    """Our names for a release's tensors; `path` names the file in errors.

    MobileNetV1's file names `stem.0`, `blocks.N.dw`, `blocks.N.pw` and `fc`, with the
    batch norms folded into biases; MobileNetV2's has torchvision's names. Raises
    CheckpointError if the file holds another network.
    """
    if _has_own_names(state):
        return _unfolded(spec, state, path)
    return import_state(spec, state, "torchvision")


def _unfolded(
    spec: NetworkSpec, stored: Mapping[str, Tensor], path: Path
) -> dict[str, Tensor]:
    """Our names for MobileNetV1's; a folded bias shifts a batch norm that only adds."""
    layers = {"stem": "stem.0"}
    for index, block in enumerate(spec.blocks):
        if not isinstance(block, DepthwiseSeparable):
            raise CheckpointError(
                f"{path} holds a MobileNetV1, and block {index} of {spec.name} is of "
                f"kind {block.kind}; give the spec of mobilenetv1_050 or another width"
            )
        layers[f"blocks.{index}.depthwise"] = f"blocks.{index}.dw"
        layers[f"blocks.{index}.pointwise"] = f"blocks.{index}.pw"
    needed = [f"{each}.{role}" for each in (*layers.values(), "fc") for role in _ROLES]
    for name in needed:
        if name not in stored:
            raise CheckpointError(f"{path} has no tensor {name}")
    state: dict[str, Tensor] = {}
    for ours, theirs in layers.items():
        state[f"{ours}.conv.weight"] = stored[f"{theirs}.weight"]
        state |= _idle_norm(f"{ours}.norm", stored[f"{theirs}.bias"])
    return state | {
        "head.classifier.weight": stored["fc.weight"],
        "head.classifier.bias": stored["fc.bias"],
    }


def _idle_norm(name: str, shift: Tensor) -> dict[str, Tensor]:
    return {
        f"{name}.weight": torch.ones_like(shift),
        f"{name}.bias": shift,
        f"{name}.running_mean": torch.zeros_like(shift),
        f"{name}.running_var": torch.full_like(shift, 1 - _NORM_EPS),
        f"{name}.num_batches_tracked": torch.tensor(0),
    }
