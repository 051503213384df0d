"""The inverted bottleneck as data (arXiv 1801.04381)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.ranges import EXPANSION, GROUPS, KERNEL, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
    SqueezeReference,
)
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.groups import check_divides, grouped_width
from rexpand.spec.blocks.inverted_residual import InvertedResidual
from rexpand.spec.blocks.shortcut import Shortcut
from rexpand.spec.rounding import Width


@dataclass(frozen=True, kw_only=True)
class InvertedBottleneck(InvertedResidual):
    """Expand 1x1, depthwise kxk, squeeze-excite, project 1x1, each with batch norm.

    With `expand_ratio` 1 there is no first 1x1, unless the block `always_expands`. With
    `groups` above 1 both 1x1 convolutions are in groups, and the channels are shuffled
    before the depthwise one (FBNet). The squeeze-excite reduces the number of expanded
    channels, or that of the block's inputs (EfficientNet).
    """

    kernel_size: Annotated[int, KERNEL] = 3
    expand_ratio: Annotated[float, EXPANSION] = 6.0
    expand_multiple: Annotated[int, ROUNDING] = rounding()
    always_expands: bool = False
    groups: Annotated[int, GROUPS] = 1
    expand_activation: Activation = nonlinearity("relu6", "expand")
    depthwise_activation: Activation = nonlinearity("relu6", "depthwise")
    project_activation: Activation = nonlinearity("linear", "project")
    squeeze_reference: SqueezeReference = "expanded"
    shortcut: Shortcut = "partial"
    kind: Literal["inverted_bottleneck"] = "inverted_bottleneck"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_divides(self.groups, self.out_channels, "outputs of a block")

    @property
    def expands(self) -> bool:
        return self.always_expands or self.expand_ratio != 1

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    @property
    def has_separate_units(self) -> bool:
        return self.groups == 1

    def expanded(self, in_channels: Width) -> Width:
        if self.expand_ratio == 1:
            return in_channels
        if self.expand_multiple == 1 and self.expand_ratio % 1 == 0:
            return in_channels * self.expand_ratio  # whole already
        return grouped_width(
            in_channels * self.expand_ratio, self.expand_multiple, self.groups
        )

    def squeezed(self, in_channels: Width) -> Width:
        assert self.squeeze_excite is not None
        if self.squeeze_reference == "inputs":
            return self.squeeze_excite.squeezed(in_channels)
        return self.squeeze_excite.squeezed(self.expanded(in_channels))

    @property
    def channel_multiple(self) -> int:
        """What the input and output channels must be multiples of."""
        return self.groups
