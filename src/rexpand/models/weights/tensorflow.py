"""Weights that TensorFlow trained, in a network of ours.

Where a stride is 2 and the map's side even, TensorFlow pads on the right and below
alone, we on the left and above too: the kernels stand one pixel off. Half a turn of the
images makes their right and lower edges our left and upper ones, and half a turn of
every kernel keeps what it computes; the scores are then TensorFlow's. Images hold RGB
in [-1, 1].
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from rexpand.errors import CheckpointError
from rexpand.models.network import Network, build
from rexpand.models.weights import import_state
from rexpand.spec import DepthwiseSeparable, NetworkSpec

_NORM_EPS = 1e-5  # a variance of 1 - 1e-5 then stands for a folded batch norm


class HalfTurned(nn.Module):
    """A network that sees its images upside down.

    Maps (batch, 3, height, width) with sides that its strides divide to
    (batch, num_classes).
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images.flip(2, 3))


def load_tensorflow(spec: NetworkSpec, path: Path) -> HalfTurned:
    """The network of a spec with the folded weights of a .npz file.

    MobileNetV1's file names `stem.0`, `blocks.N.dw`, `blocks.N.pw` and `fc`, with the
    batch norms folded into biases; MobileNetV2's has torchvision's names. Raises
    CheckpointError if the file holds another network.
    """
    plain = replace(spec, norm_eps=_NORM_EPS)
    stored = _tensors(path)
    if "fc.weight" in stored:
        state = _unfolded(plain, stored, path)
    else:
        state = import_state(plain, stored, "torchvision")
    network = build(plain)
    try:
        network.load_state_dict({key: _turned(tensor) for key, tensor in state.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{path} does not fit {spec.name}: {reason}") from None
    return HalfTurned(network.eval())


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        with np.load(path) as arrays:
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is no .npz file of weights: {error}") from None


def _turned(tensor: Tensor) -> Tensor:
    """A kernel turned by 180 degrees; all other tensors as they are."""
    return tensor.flip(2, 3) if tensor.dim() == 4 else tensor


def _unfolded(
    spec: NetworkSpec, stored: Mapping[str, Tensor], path: Path
) -> dict[str, Tensor]:
    """Our names for MobileNetV1's; a folded bias is the shift of an idle batch norm."""
    layers = {"stem": "stem.0"}
    for index, block in enumerate(spec.blocks):
        if not isinstance(block, DepthwiseSeparable):
            raise CheckpointError(
                f"{path} holds a MobileNetV1, and block {index} of {spec.name} is of kind"
                f" {block.kind}; give the spec of mobilenetv1_050 or another width"
            )
        layers[f"blocks.{index}.depthwise"] = f"blocks.{index}.dw"
        layers[f"blocks.{index}.pointwise"] = f"blocks.{index}.pw"
    state: dict[str, Tensor] = {}
    for ours, theirs in layers.items():
        if f"{theirs}.weight" not in stored:
            raise CheckpointError(f"{path} has no tensor {theirs}.weight")
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
