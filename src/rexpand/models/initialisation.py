"""New weights, drawn once."""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

# What `nn.Conv2d` and `nn.Linear` fill their tensors with when they are made.
_DEFAULTS = (nn.init.kaiming_uniform_, nn.init.uniform_, torch.Tensor.uniform_)


class OneInitialisation(TorchFunctionMode):
    """Layers made inside are left without values, for `initialise` to fill.

    Drawing torch's default weights and overwriting them takes a third of the time of
    building a network.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = kwargs or {}
        if func in _DEFAULTS:
            return args[0] if args else given["tensor"]
        return func(*args, **given)


def initialise(module: nn.Module) -> None:
    """Normal, by the fan-out of each group, as in TensorFlow's mobile networks."""
    if isinstance(module, nn.Conv2d):
        fan_out = module.weight[0, 0].numel() * module.out_channels // module.groups
        nn.init.normal_(module.weight, std=sqrt(2 / fan_out))
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
