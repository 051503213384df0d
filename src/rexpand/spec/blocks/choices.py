"""The names that fields of a spec choose from, and the checks of their values."""

from math import inf
from typing import Literal

from rexpand.errors import SpecError

Activation = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "softplus", "hard_swish", "silu"
]
Gate = Literal["sigmoid", "hard_sigmoid"]
SqueezePosition = Literal["before_activation", "after_activation"]
SqueezeReference = Literal["expanded", "inputs"]


def check_choice(what: str, value: str, choices: object) -> None:
    """Raise SpecError unless `value` is one of the names in a `Literal`."""
    names: tuple[str, ...] = choices.__args__  # type: ignore[attr-defined]  # get_args is slow
    if value not in names:
        raise SpecError(f"{what} '{value}' is unknown; choose from {', '.join(names)}")


def check_at_least(what: str, value: float, least: float) -> None:
    """Raise SpecError if a number is below its least valid value."""
    if not least <= value < inf:
        raise SpecError(f"{what} is {value}; it must be at least {least}")
