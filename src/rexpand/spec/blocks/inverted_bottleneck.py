"""The inverted bottleneck as data (arXiv 1801.04381)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    Shortcut,
    SqueezeReference,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.groups import check_divides
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import Width, nearest_multiple


@dataclass(frozen=True, kw_only=True)
class InvertedBottleneck:
    """Expand 1x1, depthwise kxk, squeeze-excite, project 1x1, each with batch norm.

    With `expand_ratio` 1 there is no first 1x1, unless the block `always_expands`. With
    `groups` above 1 both 1x1 convolutions are in groups, and the channels are shuffled
    in front of the depthwise one (FBNet). The squeeze-excite's reduction is of the
    expanded channels, or of the block's inputs (EfficientNet). The partial shortcut adds
    the input to the first `in_channels` outputs (arXiv 2007.00992); it needs stride 1
    and no fewer outputs than inputs, the identity needs stride 1 and as many.
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    expand_ratio: float = 6.0
    expand_multiple: int = 1
    always_expands: bool = False
    groups: int = 1
    expand_activation: Activation = "relu6"
    depthwise_activation: Activation = "relu6"
    project_activation: Activation = "linear"
    squeeze_excite: SqueezeExcite | None = None
    squeeze_reference: SqueezeReference = "expanded"
    shortcut: Shortcut = "partial"
    kind: Literal["inverted_bottleneck"] = "inverted_bottleneck"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        check_at_least("expand_ratio", self.expand_ratio, 1)
        check_at_least("expand_multiple", self.expand_multiple, 0)
        for position in ("expand", "depthwise", "project"):
            name = f"{position}_activation"
            check_choice(name, getattr(self, name), Activation)
        check_choice("squeeze_reference", self.squeeze_reference, SqueezeReference)
        check_choice("shortcut", self.shortcut, Shortcut)
        check_at_least("groups of an inverted bottleneck", self.groups, 1)
        if self.groups > 1:
            check_divides(self.groups, self.out_channels, "outputs of a block")

    @property
    def expands(self) -> bool:
        """Whether there is a first 1x1."""
        return self.always_expands or self.expand_ratio != 1

    def expanded(self, in_channels: Width) -> Width:
        """Channels of the depthwise convolution, for a number or a column of them."""
        if self.expand_ratio == 1:
            return in_channels
        if self.expand_multiple == 1 and self.expand_ratio % 1 == 0:
            return in_channels * self.expand_ratio  # whole already
        return nearest_multiple(in_channels * self.expand_ratio, self.expand_multiple)

    def squeezed(self, in_channels: Width) -> Width:
        """Inner width of the squeeze-excite."""
        assert self.squeeze_excite is not None
        if self.squeeze_reference == "inputs":
            return self.squeeze_excite.squeezed(in_channels)
        return self.squeeze_excite.squeezed(self.expanded(in_channels))

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError where the groups do not divide a width."""
        if self.groups > 1:
            check_divides(self.groups, in_channels, "inputs of a block")
            expanded = int(self.expanded(in_channels))
            check_divides(self.groups, expanded, "expanded channels of a block")

    @property
    def channel_multiple(self) -> int:
        """What the channels on both sides are multiples of."""
        return self.groups

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)
