"""Bytes that a training step moves if no map stays in the cache from pass to pass.

Mobile networks wait for memory more than for arithmetic: depthwise convolutions, batch
norms and activations do little with each element. The passes that an unfused step makes
over each map, all in float32; weights of the optimiser, the loss and the pooling are
left out, and so are the copies that a library makes for itself.

  convolution   forward and both backward passes: 3 x (input + output + weights)
  batch norm    statistics 1, normalise 2; backward sums 2, gradient 3: 8 x output
  activation    in place 2; backward 3: 5 x output
  shortcut      forward sum 3, backward sum 3: 6 x output
"""

from functools import partial

import torch
from torch import Tensor, nn

from rexpand.blocks import InvertedBottleneck
from rexpand.blocks.relu6 import ReLU6
from rexpand.models import build
from rexpand.spec import NetworkSpec

_BYTES = 4
_PASSES = {nn.BatchNorm2d: 8, nn.ReLU: 5, ReLU6: 5, nn.SiLU: 5, InvertedBottleneck: 6}


def bytes_per_step(spec: NetworkSpec, batch_size: int) -> int:
    """For inverted bottlenecks with ReLU, ReLU6 or SiLU."""
    moved: list[int] = []
    with torch.device("meta"), torch.no_grad():
        network = build(spec).eval()
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.register_forward_hook(partial(_convolution, moved))
            elif type(module) in _PASSES and getattr(module, "has_shortcut", True):
                module.register_forward_hook(partial(_map, moved))
        side = spec.resolution
        network(torch.empty(batch_size, spec.in_channels, side, side))
    return _BYTES * sum(moved)


def _convolution(
    moved: list[int], layer: nn.Conv2d, inputs: tuple[Tensor], outputs: Tensor
) -> None:
    moved.append(3 * (inputs[0].numel() + outputs.numel() + layer.weight.numel()))


def _map(
    moved: list[int], layer: nn.Module, inputs: tuple[Tensor], outputs: Tensor
) -> None:
    moved.append(_PASSES[type(layer)] * outputs.numel())
