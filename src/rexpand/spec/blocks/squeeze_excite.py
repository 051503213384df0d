"""Squeeze-and-excitation as data (arXiv 1709.01507)."""

from dataclasses import dataclass, replace

from rexpand.spec.blocks.choices import (
    Activation,
    Gate,
    SqueezePosition,
    check_at_least,
    check_choice,
)
from rexpand.spec.rounding import Width, divided


@dataclass(frozen=True, kw_only=True)
class SqueezeExcite:
    """Pool, 1x1 to `1 / reduction` of the channels, activation, 1x1 back, gate.

    Both 1x1 convolutions have a bias. The inner width is the floor of the quotient,
    rounded to `multiple_of`; `norm` puts a batch norm after the first convolution.
    """

    reduction: int
    multiple_of: int = 1
    activation: Activation = "relu"
    gate: Gate = "sigmoid"
    norm: bool = False
    position: SqueezePosition = "after_activation"

    def __post_init__(self) -> None:
        check_at_least("reduction of squeeze-excite", self.reduction, 1)
        check_at_least("multiple_of of squeeze-excite", self.multiple_of, 0)
        check_choice("activation of squeeze-excite", self.activation, Activation)
        check_choice("gate of squeeze-excite", self.gate, Gate)
        check_choice("position of squeeze-excite", self.position, SqueezePosition)

    def relaxed(self) -> "SqueezeExcite":
        """The same without its rounding."""
        return replace(self, multiple_of=0)

    def squeezed(self, channels: Width) -> Width:
        """Inner width for a number of channels, or for a column of them."""
        return divided(channels, self.reduction, self.multiple_of)
