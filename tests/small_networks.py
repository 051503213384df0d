"""Small networks with every kind of block of a name, for tests of all the catalogue."""

import torch
from torch import nn

from rexpand.models import Network, build
from rexpand.spec import network

IMAGE = (3, 64, 64)


def small(name: str) -> Network:
    """Every kind of block of a network, one of each stage, at half the width."""
    torch.manual_seed(0)
    spec = network(name, width_mult=0.5, depth_mult=0.2).with_classes(10)
    return build(spec).apply(shake)


def shake(layer: nn.Module) -> None:
    """Statistics as after some training: a norm that does nothing hides mistakes."""
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.uniform_(layer.running_mean, -0.2, 0.2)
        nn.init.uniform_(layer.running_var, 0.5, 1.5)
        nn.init.uniform_(layer.weight, 0.5, 1.5)
        nn.init.uniform_(layer.bias, -0.2, 0.2)
