"""The nonlinearities, by the names of the spec."""

from collections.abc import Callable

from torch import nn

from rexpand.blocks.relu6 import ReLU6

_LAYERS: dict[str, Callable[[], nn.Module]] = {
    "linear": nn.Identity,
    "relu": lambda: nn.ReLU(inplace=True),
    "relu6": ReLU6,
    "leaky_relu": lambda: nn.LeakyReLU(inplace=True),
    "elu": lambda: nn.ELU(inplace=True),
    "softplus": nn.Softplus,
    "hard_swish": lambda: nn.Hardswish(inplace=True),
    "silu": lambda: nn.SiLU(inplace=True),
    "sigmoid": nn.Sigmoid,
    "hard_sigmoid": nn.Hardsigmoid,
}


def activation(name: str) -> nn.Module:
    """The layer of a name; KeyError if there is none."""
    return _LAYERS[name]()
