"""Nonlinearities by what they do: their values on a grid, not their class.

An activation may be one operator or several (`x * sigmoid(x)`); its curve is the same.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_args

import torch
from torch import Tensor

from rexpand.blocks import activation
from rexpand.spec import Activation, Gate

GRID = torch.linspace(-8, 8, 513, dtype=torch.float64)
_NEAR = 1e-6


def curve_of(
    func: Any, given: Mapping[str, Any], curves: Mapping[int, Tensor | None]
) -> Tensor | None:
    """What an operator makes of curves, by the ids of the tensors they stand for.

    None for a curve is the grid itself. Gives None where the operator does not act on
    each value alone.
    """
    if torch.Tag.pointwise not in func.tags and not func._schema.name.endswith("_"):
        return None

    def swapped(argument: Any) -> Any:
        if not isinstance(argument, Tensor):
            return argument
        if id(argument) not in curves:
            return argument if argument.numel() == 1 else None
        curve = curves[id(argument)]
        # A clone, since the operator may work in place.
        return (GRID if curve is None else curve).clone()

    try:
        curve = func(**{name: swapped(value) for name, value in given.items()})
    except (RuntimeError, TypeError, ValueError):
        return None
    if not isinstance(curve, Tensor) or curve.shape != GRID.shape:
        return None
    return curve


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
