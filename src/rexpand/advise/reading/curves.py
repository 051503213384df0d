"""Nonlinearities by what they do: their values on a grid, not their class.

An activation may be one operator or several (`x * sigmoid(x)`); its curve is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

from rexpand.blocks import activation
from rexpand.cost.operators import Layer
from rexpand.spec import Activation, Gate

GRID = torch.linspace(-8, 8, 513, dtype=torch.float64)
_NEAR = 1e-6
# Where the graph's functions are found; `operator.mul` is a Tensor's that was written `*`.
_PLACES: Mapping[str, Any] = {
    "F": F,
    "torch": torch,
    "Tensor": Tensor,
    "operator": Tensor,
    "aten": torch.ops.aten,
}


def curve_of(layer: Layer, curves: Sequence[Tensor | None]) -> Tensor | None:
    """What an operator makes of the curves that it reads; None is the grid itself.

    Gives None where its constants do not tell, as for one with learned tensors.
    """
    place, _, name = layer.function.partition(".")
    given: dict[Any, Any] = dict(layer.constants)
    free = (key for key in count() if key not in given)
    # Clones, since the operator may work in place.
    given |= {
        key: (GRID if curve is None else curve).clone()
        for key, curve in zip(free, curves, strict=False)
    }
    placed = sorted(key for key in given if isinstance(key, int))
    named = {key: value for key, value in given.items() if isinstance(key, str)}
    try:
        curve = getattr(_PLACES[place], name)(*map(given.get, placed), **named)
    except (RuntimeError, TypeError, ValueError, LookupError, AttributeError):
        return None  # it is no function of single values: F.normalize, dim=1
    return curve if isinstance(curve, Tensor) and curve.shape == GRID.shape else None


def is_identity(curve: Tensor) -> bool:
    """Whether a curve leaves every value as it is."""
    return _is(curve, GRID)


def activation_named(curve: Tensor) -> str:
    """The activation or gate with these values on the grid; empty if there is none."""
    return next((name for name, known in _known().items() if _is(curve, known)), "")


@cache
def _known() -> dict[str, Tensor]:
    names: tuple[str, ...] = (*get_args(Activation), *get_args(Gate))
    layers: dict[str, Callable[[Tensor], Tensor]] = {
        name: activation(name, in_place=False) for name in names
    }
    return {name: layer(GRID) for name, layer in layers.items()}


def _is(curve: Tensor, known: Tensor) -> bool:
    return bool(torch.allclose(curve.double(), known, atol=_NEAR, rtol=0))
