"""The nonlinearities, by the names of the spec."""

from collections.abc import Callable

from torch import nn

from rexpand.blocks.relu6 import ReLU6
from rexpand.errors import UnknownNameError

_LAYERS: dict[str, Callable[[bool], nn.Module]] = {
    "linear": lambda _: nn.Identity(),
    "relu": lambda in_place: nn.ReLU(inplace=in_place),
    "relu6": lambda in_place: ReLU6() if in_place else nn.ReLU6(),
    "leaky_relu": lambda in_place: nn.LeakyReLU(inplace=in_place),
    "elu": lambda in_place: nn.ELU(inplace=in_place),
    "softplus": lambda _: nn.Softplus(),
    "hard_swish": lambda in_place: nn.Hardswish(inplace=in_place),
    "silu": lambda in_place: nn.SiLU(inplace=in_place),
    "sigmoid": lambda _: nn.Sigmoid(),
    "hard_sigmoid": lambda _: nn.Hardsigmoid(),
}


def activation(name: str, *, in_place: bool = True) -> nn.Module:
    """The layer of a name; UnknownNameError if there is none.

    `in_place` is for maps that nothing else reads.
    """
    if name not in _LAYERS:
        raise UnknownNameError(
            "nonlinearity", name, _LAYERS, f"give one of {', '.join(_LAYERS)}"
        )
    return _LAYERS[name](in_place)
