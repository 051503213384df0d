"""The inverted bottleneck with kernels of several sizes, as data (arXiv 1907.09595)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from rexpand.errors import SpecError
from rexpand.spec.blocks.choices import (
    STRICT,
    Activation,
    Shortcut,
    SqueezeReference,
    check_at_least,
    check_choice,
)
from rexpand.spec.blocks.geometry import check_geometry, strided
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import Width, nearest_multiple, shared


@dataclass(frozen=True, kw_only=True)
class MixedBottleneck:
    """Expand 1x1, depthwise kernels side by side, squeeze-excite, project 1x1.

    Every kernel size works on channels of its own: as many for each (MixNet), or as
    `kernel_shares` divide them (AtomNAS: the searched channels of each kernel); what
    does not divide goes to the first. The 1x1 convolutions may be cut into groups in
    the same way. With `expand_ratio` 1 there is no first 1x1. The inner width of the
    squeeze-excite follows from the expanded channels or from the block's `inputs`.
    """

    out_channels: int
    kernel_sizes: tuple[int, ...] = (3,)
    kernel_shares: tuple[int, ...] = ()
    stride: int = 1
    dilation: int = 1
    expand_ratio: float = 6.0
    expand_multiple: int = 1
    expand_groups: int = 1
    project_groups: int = 1
    expand_activation: Activation = "relu"
    depthwise_activation: Activation = "relu"
    project_activation: Activation = "linear"
    squeeze_excite: SqueezeExcite | None = None
    squeeze_reference: SqueezeReference = "expanded"
    shortcut: Shortcut = "identity"
    kind: Literal["mixed_bottleneck"] = "mixed_bottleneck"
    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT

    def __post_init__(self) -> None:
        check_at_least("number of kernel_sizes", len(self.kernel_sizes), 1)
        for kernel_size in self.kernel_sizes:
            check_geometry(
                self.out_channels,
                kernel_size=kernel_size,
                stride=self.stride,
                dilation=self.dilation,
            )
        if self.kernel_shares and len(self.kernel_shares) != len(self.kernel_sizes):
            raise SpecError(
                f"{len(self.kernel_shares)} kernel_shares for "
                f"{len(self.kernel_sizes)} kernel_sizes; give one share a kernel"
            )
        for share in self.kernel_shares:
            check_at_least("share of a kernel", share, 1)
        if not 0 < self.expand_ratio < float("inf"):
            raise SpecError(f"expand_ratio {self.expand_ratio} is not above 0")
        check_at_least("expand_multiple", self.expand_multiple, 0)
        check_at_least("expand_groups", self.expand_groups, 1)
        check_at_least("project_groups", self.project_groups, 1)
        for position in ("expand", "depthwise", "project"):
            name = f"{position}_activation"
            check_choice(name, getattr(self, name), Activation)
        check_choice("squeeze_reference", self.squeeze_reference, SqueezeReference)
        check_choice("shortcut", self.shortcut, Shortcut)
        _check_parts("project_groups", self.project_parts(self.out_channels))

    def expanded(self, in_channels: Width) -> Width:
        """Channels of the depthwise kernels together, for a number or a column."""
        if self.expand_ratio == 1:
            return in_channels
        return nearest_multiple(in_channels * self.expand_ratio, self.expand_multiple)

    def kernel_parts(self, expanded: Width) -> tuple[Width, ...]:
        """Channels of each kernel."""
        shares = self.kernel_shares or (1,) * len(self.kernel_sizes)
        return shared(expanded, shares, self._multiple)

    def expand_parts(self, width: Width) -> tuple[Width, ...]:
        """Inputs, or outputs, of each group of the first 1x1."""
        return shared(width, (1,) * self.expand_groups, self._multiple)

    def project_parts(self, width: Width) -> tuple[Width, ...]:
        """Inputs, or outputs, of each group of the last 1x1."""
        return shared(width, (1,) * self.project_groups, self._multiple)

    def squeezed(self, in_channels: Width) -> Width:
        """Inner width of the squeeze-excite."""
        assert self.squeeze_excite is not None
        if self.squeeze_reference == "inputs":
            return self.squeeze_excite.squeezed(in_channels)
        return self.squeeze_excite.squeezed(self.expanded(in_channels))

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError where a kernel or a group is left without channels."""
        expanded = self.expanded(in_channels)
        _check_parts("kernel_sizes", self.kernel_parts(expanded))
        _check_parts("project_groups", self.project_parts(expanded))
        if self.expand_ratio != 1:
            _check_parts("expand_groups", self.expand_parts(in_channels))
            _check_parts("expand_groups", self.expand_parts(expanded))

    @property
    def _multiple(self) -> int:
        """1 for whole parts, 0 in the relaxation."""
        return min(self.expand_multiple, 1)


def _check_parts(what: str, parts: tuple[float, ...]) -> None:
    if min(parts) <= 0:
        raise SpecError(
            f"{sum(parts):g} channels do not reach for {len(parts)} {what} of a mixed "
            "bottleneck; give it more channels, or a larger width_mult"
        )
