"""Squeeze-and-excitation as data (arXiv 1709.01507)."""

from dataclasses import dataclass, replace
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import DIVISOR, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
    Gate,
    SqueezePosition,
)
from rexpand.spec.rounding import Width, divided


@dataclass(frozen=True, kw_only=True)
class SqueezeExcite:
    """Pool, 1x1 to `1 / reduction` of the channels, activation, 1x1 back, gate.

    Both 1x1 convolutions have a bias. The inner width is the floor of the quotient,
    rounded to `multiple_of`; `norm` puts a batch norm after the first convolution.
    """

    reduction: Annotated[int, DIVISOR]
    multiple_of: Annotated[int, ROUNDING] = 1
    activation: Activation = "relu"
    gate: Gate = "sigmoid"
    norm: bool = False
    position: SqueezePosition = "after_activation"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    def relaxed(self) -> "SqueezeExcite":
        """The same without its rounding."""
        return replace(self, multiple_of=0)

    def squeezed(self, channels: Width) -> Width:
        """Inner width for a number of channels, or for a column of them."""
        return divided(channels, self.reduction, self.multiple_of)
