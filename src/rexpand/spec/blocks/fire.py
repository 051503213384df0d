"""SqueezeNet's fire module as data (arXiv 1602.07360)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, pooled
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import Width, nearest_multiple

POOL_KERNEL = 3  # of the max pooling that is the stride


@dataclass(frozen=True, kw_only=True)
class Fire:
    """Squeeze 1x1, then expand by a 1x1 and a kxk side by side, joined; no batch norm.

    Every convolution has a bias. A stride is a 3x3 max pooling in front, without
    padding, that also takes the last pixels. `squeeze_ratio` is the squeezed width over
    the outputs (the paper's SR), `wide_ratio` the share of the outputs that the kxk
    convolution makes (its pct3x3).
    """

    out_channels: int
    kernel_size: int = 3
    stride: int = 1
    dilation: int = 1
    squeeze_ratio: float = 0.125
    squeeze_multiple: int = 1
    wide_ratio: float = 0.5
    wide_multiple: int = 1
    squeeze_activation: Activation = "relu"
    expand_activation: Activation = "relu"
    squeeze_excite: SqueezeExcite | None = None
    kind: Literal["fire"] = "fire"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_geometry(
            self.out_channels,
            kernel_size=self.kernel_size,
            stride=self.stride,
            dilation=self.dilation,
        )
        if self.stride > POOL_KERNEL:
            raise SpecError(
                f"stride {self.stride} of a fire module is wider than its pooling; "
                f"use 1 to {POOL_KERNEL}"
            )
        for name in ("squeeze_ratio", "wide_ratio"):
            if not 0 < getattr(self, name) < 1:
                raise SpecError(f"{name} {getattr(self, name)} is outside (0, 1)")
        for name in ("squeeze_multiple", "wide_multiple"):
            check_at_least(name, getattr(self, name), 0)
        for name in ("squeeze_activation", "expand_activation"):
            check_choice(name, getattr(self, name), Activation)
        if self.wide(self.out_channels) >= self.out_channels:
            raise SpecError(
                f"a fire module of {self.out_channels} channels leaves its 1x1 none "
                f"(wide_ratio {self.wide_ratio}); give it more"
            )

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
