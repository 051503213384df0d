"""The kinds of block, as data: one frozen dataclass a kind.

A block knows its output channels and its rules; its input channels are the output
channels of the block before it, so a channel configuration is one integer a block.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import ClassVar, Literal, get_args

from rexpand.errors import SpecError
from rexpand.spec.rounding import Width, divided, nearest_multiple

Activation = Literal[
    "linear", "relu", "relu6", "leaky_relu", "elu", "softplus", "hard_swish", "silu"
]
Gate = Literal["sigmoid", "hard_sigmoid"]
Shortcut = Literal["partial", "identity", "none"]
SqueezePosition = Literal["before_activation", "after_activation"]

# For the reader of spec files: unknown keys are mistakes, never ignored.
STRICT: Mapping[str, str] = {"extra": "forbid"}


def check_choice(what: str, value: str, choices: object) -> None:
    """Raise SpecError unless `value` is one of the names in a `Literal`."""
    names = get_args(choices)
    if value not in names:
        raise SpecError(f"{what} '{value}' is unknown; choose from {', '.join(names)}")


def check_at_least(what: str, value: float, least: float) -> None:
    """Raise SpecError if a number is below its least sensible value."""
    if not least <= value < inf:
        raise SpecError(f"{what} is {value}; it must be at least {least}")


def check_kernel(kernel_size: int) -> None:
    """Raise SpecError unless the kernel has a middle pixel."""
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise SpecError(f"kernel_size {kernel_size} is not odd; use 3, 5 or 7")


@dataclass(frozen=True, kw_only=True)
class SqueezeExcite:
    """Pool, 1x1 to a `1 / reduction` of the channels, activation, 1x1 back, gate.

    Both 1x1 convolutions have a bias. The inner width is the floor of the quotient,
    rounded to `multiple_of`; `norm` puts a batch norm behind the first convolution.
    """

    reduction: int
    multiple_of: int = 1
    activation: Activation = "relu"
    gate: Gate = "sigmoid"
    norm: bool = False
    position: SqueezePosition = "after_activation"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_at_least("reduction of squeeze-excite", self.reduction, 1)
        check_at_least("multiple_of of squeeze-excite", self.multiple_of, 0)
        check_choice("activation of squeeze-excite", self.activation, Activation)
        check_choice("gate of squeeze-excite", self.gate, Gate)
        check_choice("position of squeeze-excite", self.position, SqueezePosition)

    def squeezed(self, channels: Width) -> Width:
        """Inner width for a number of channels, or for a column of them."""
        return divided(channels, self.reduction, self.multiple_of)


@dataclass(frozen=True, kw_only=True)
class InvertedBottleneck:
    """Expand 1x1, depthwise kxk, squeeze-excite, project 1x1, each with batch norm.

    With `expand_ratio` 1 there is no first 1x1. The partial shortcut adds the input to
    the first `in_channels` outputs (arXiv 2007.00992); it needs stride 1 and no fewer
    outputs than inputs, the identity needs stride 1 and as many.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    expand_ratio: float = 6.0
    expand_multiple: int = 1
    expand_activation: Activation = "relu6"
    depthwise_activation: Activation = "relu6"
    project_activation: Activation = "linear"
    squeeze_excite: SqueezeExcite | None = None
    shortcut: Shortcut = "partial"
    kind: Literal["inverted_bottleneck"] = "inverted_bottleneck"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        _check_geometry(self.out_channels, self.kernel_size, self.stride)
        check_at_least("expand_ratio", self.expand_ratio, 1)
        check_at_least("expand_multiple", self.expand_multiple, 0)
        for position in ("expand", "depthwise", "project"):
            name = f"{position}_activation"
            check_choice(name, getattr(self, name), Activation)
        check_choice("shortcut", self.shortcut, Shortcut)

    def expanded(self, in_channels: Width) -> Width:
        """Channels of the depthwise convolution, for a number or a column of them."""
        if self.expand_ratio == 1:
            return in_channels
        if self.expand_multiple == 1 and self.expand_ratio % 1 == 0:
            return in_channels * self.expand_ratio  # whole already
        return nearest_multiple(in_channels * self.expand_ratio, self.expand_multiple)


@dataclass(frozen=True, kw_only=True)
class DepthwiseSeparable:
    """Depthwise kxk, then pointwise 1x1, each with batch norm (MobileNetV1)."""

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    depthwise_activation: Activation = "relu"
    pointwise_activation: Activation = "relu"
    shortcut: Shortcut = "none"
    kind: Literal["depthwise_separable"] = "depthwise_separable"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        _check_geometry(self.out_channels, self.kernel_size, self.stride)
        check_choice("depthwise_activation", self.depthwise_activation, Activation)
        check_choice("pointwise_activation", self.pointwise_activation, Activation)
        check_choice("shortcut", self.shortcut, Shortcut)


Block = InvertedBottleneck | DepthwiseSeparable


def _check_geometry(out_channels: int, kernel_size: int, stride: int) -> None:
    check_at_least("out_channels of a block", out_channels, 1)
    check_at_least("stride of a block", stride, 1)
    check_kernel(kernel_size)
