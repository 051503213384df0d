"""Fields of a block with a mark for the controls and the solver."""

from collections.abc import Mapping
from dataclasses import field, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from rexpand.spec.blocks.choices import Activation

_POSITION = "position"
_ROUNDS = "rounds"


def nonlinearity(default: Activation, position: str) -> Any:
    """A field for the activation at a position of the block, such as "expand"."""
    return field(default=default, metadata={_POSITION: position})


def rounding(default: int = 1) -> Any:
    """A field for the number to whose multiples an inner width is rounded."""
    return field(default=default, metadata={_ROUNDS: True})


@cache
def nonlinearities(kind: type[Any]) -> Mapping[str, str]:
    """The fields of a kind that are nonlinearities, by their position in the block."""
    return MappingProxyType(
        {
            each.metadata[_POSITION]: each.name
            for each in fields(kind)
            if _POSITION in each.metadata
        }
    )


@cache
def roundings(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a kind that are roundings."""
    return tuple(each.name for each in fields(kind) if _ROUNDS in each.metadata)
