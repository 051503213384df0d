"""The cost of one layer, for one image.

One multiply-accumulate is one mac: convolutions and linear layers count, as in the
papers; normalisation, activations, pooling and additions do not. `activations` are the
elements that those layers output (RegNet's measure), `memory_access` the elements
that they read and write: input, output and weights (ShuffleNetV2's MAC). Every
function takes numbers, or columns of many configurations.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from rexpand.shown import Shown
from rexpand.size import Size

Count = Any  # a number, or a numpy array of them


@dataclass(frozen=True, slots=True)
class Cost(Shown):
    """Elements and operations of a layer, a block or a network; costs add up."""

    _view: ClassVar[str] = "rexpand.report.views.networks:COST"

    params: Count = 0
    macs: Count = 0
    activations: Count = 0
    memory_access: Count = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.params + other.params,
            self.macs + other.macs,
            self.activations + other.activations,
            self.memory_access + other.memory_access,
        )


def convolution(
    in_channels: Count,
    out_channels: Count,
    *,
    kernel_size: int,
    in_size: Size,
    out_size: Size,
    groups: int = 1,
    bias: bool = False,
    norm: bool = False,
) -> Cost:
    """A kxk convolution in groups, on maps of the sizes.

    With `norm` a batch norm follows, whose scale and shift are learned.
    """
    weights = in_channels * out_channels
    if kernel_size > 1:  # for columns, even a multiplication by 1 takes a pass
        weights = weights * kernel_size**2
    if groups > 1:
        weights = weights / groups
    outputs = out_channels * out_size.pixels
    read = weights + out_channels if bias else weights
    return Cost(
        read + 2 * out_channels if norm else read,
        weights * out_size.pixels,
        outputs,
        read + outputs + in_channels * in_size.pixels,
    )


def pointwise(
    in_channels: Count,
    out_channels: Count,
    size: Size,
    *,
    groups: int = 1,
    norm: bool = False,
) -> Cost:
    """A 1x1 convolution without bias."""
    return convolution(
        in_channels,
        out_channels,
        kernel_size=1,
        in_size=size,
        out_size=size,
        groups=groups,
        norm=norm,
    )


def depthwise(
    channels: Count,
    *,
    kernel_size: int,
    in_size: Size,
    out_size: Size,
    norm: bool = False,
) -> Cost:
    """A depthwise kxk convolution without bias."""
    weights = channels * kernel_size**2
    outputs = channels * out_size.pixels
    return Cost(
        weights + 2 * channels if norm else weights,
        weights * out_size.pixels,
        outputs,
        weights + outputs + channels * in_size.pixels,
    )


def norm(channels: Count) -> Cost:
    """A batch norm: scale and shift are learned."""
    return Cost(params=2 * channels)


def linear(in_channels: Count, out_channels: Count, *, bias: bool = True) -> Cost:
    """A linear layer, or a 1x1 convolution on one pixel."""
    weights = in_channels * out_channels
    params = weights + out_channels if bias else weights
    return Cost(params, weights, out_channels, params + out_channels + in_channels)
