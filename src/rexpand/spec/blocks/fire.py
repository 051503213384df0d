"""SqueezeNet's fire module as data (arXiv 1602.07360)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.errors import SpecError
from rexpand.ranges import KERNEL, ROUNDING, SHARE
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.geometry import pooled
from rexpand.spec.rounding import Width, nearest_multiple

POOL_KERNEL = 3  # of the max pooling that is the stride


@dataclass(frozen=True, kw_only=True)
class Fire(BlockSpec):
    """Squeeze 1x1, then expand by a parallel 1x1 and kxk, concatenated; no batch norm.

    Every convolution has a bias. A stride is a 3x3 max pooling first, without padding,
    that includes the last pixels. `squeeze_ratio` is the squeezed width over the
    outputs (the paper's SR), `wide_ratio` the share of the outputs that come from the
    kxk convolution (its pct3x3).
    """

    kernel_size: Annotated[int, KERNEL] = 3
    squeeze_ratio: Annotated[float, SHARE] = 0.125
    squeeze_multiple: Annotated[int, ROUNDING] = rounding()
    wide_ratio: Annotated[float, SHARE] = 0.5
    wide_multiple: Annotated[int, ROUNDING] = rounding()
    squeeze_activation: Activation = nonlinearity("relu", "squeeze")
    expand_activation: Activation = nonlinearity("relu", "expand")
    kind: Literal["fire"] = "fire"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stride > POOL_KERNEL:
            raise SpecError(
                f"stride {self.stride} of a fire module is larger than its pooling "
                f"kernel; give 1 to {POOL_KERNEL}"
            )
        if self.wide(self.out_channels) >= self.out_channels:
            raise SpecError(
                f"a fire module of {self.out_channels} channels leaves its 1x1 none "
                f"(wide_ratio {self.wide_ratio}); give it more channels"
            )

    @property
    def kernels(self) -> tuple[int, ...]:
        return (self.kernel_size,)

    def joins(self, in_channels: int) -> bool:
        return False

    def squeezed(self, out_channels: Width) -> Width:
        """Channels between squeeze and expand, for a number or a column of outputs."""
        return nearest_multiple(
            out_channels * self.squeeze_ratio, self.squeeze_multiple
        )

    def wide(self, out_channels: Width) -> Width:
        """Outputs of the kxk convolution; the rest are the 1x1's."""
        return nearest_multiple(out_channels * self.wide_ratio, self.wide_multiple)

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return pooled(in_size, POOL_KERNEL, self.stride) if self.stride > 1 else in_size
