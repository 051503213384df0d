"""The inverted bottleneck with kernels of several sizes, as data (arXiv 1907.09595)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.errors import SpecError
from rexpand.ranges import EXPAND_RATIO, GROUPS, KERNEL, ROUNDING, WIDTH
from rexpand.spec.blocks.choices import (
    Activation,
    SqueezeReference,
)
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.inverted_residual import InvertedResidual
from rexpand.spec.blocks.shortcut import Shortcut
from rexpand.spec.rounding import Width, nearest_multiple, shared


@dataclass(frozen=True, kw_only=True)
class MixedBottleneck(InvertedResidual):
    """Expand 1x1, parallel depthwise kernels, squeeze-excite, project 1x1.

    Every kernel size has channels of its own: equally many (MixNet), or in proportion
    to `kernel_shares` (AtomNAS: the searched channels of each kernel); the remainder
    goes to the first. The 1x1 convolutions may be divided into groups in the same way.
    With `expand_ratio` 1 there is no first 1x1. The inner width of the squeeze-excite
    depends on the expanded channels or on the block's `inputs`.
    """

    kernel_sizes: tuple[Annotated[int, KERNEL], ...] = (3,)
    kernel_shares: tuple[Annotated[int, WIDTH], ...] = ()
    expand_ratio: Annotated[float, EXPAND_RATIO] = 6.0
    expand_multiple: Annotated[int, ROUNDING] = rounding()
    expand_groups: Annotated[int, GROUPS] = 1
    project_groups: Annotated[int, GROUPS] = 1
    expand_activation: Activation = nonlinearity("relu", "expand")
    depthwise_activation: Activation = nonlinearity("relu", "depthwise")
    project_activation: Activation = nonlinearity("linear", "project")
    squeeze_reference: SqueezeReference = "expanded"
    shortcut: Shortcut = "identity"
    kind: Literal["mixed_bottleneck"] = "mixed_bottleneck"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.kernel_sizes:
            raise SpecError("kernel_sizes is empty; give one or more, such as 3")
        if self.kernel_shares and len(self.kernel_shares) != len(self.kernel_sizes):
            raise SpecError(
                f"{len(self.kernel_shares)} kernel_shares for "
                f"{len(self.kernel_sizes)} kernel_sizes; give one share per kernel"
            )
        _check_parts("project_groups", self.project_parts(self.out_channels))

    @property
    def kernels(self) -> tuple[int, ...]:
        return self.kernel_sizes

    @property
    def expands(self) -> bool:
        return self.expand_ratio != 1

    @property
    def has_separate_units(self) -> bool:
        return False

    def expanded(self, in_channels: Width) -> Width:
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
        assert self.squeeze_excite is not None
        if self.squeeze_reference == "inputs":
            return self.squeeze_excite.squeezed(in_channels)
        return self.squeeze_excite.squeezed(self.expanded(in_channels))

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError where a kernel or a group is left without channels."""
        expanded = self.expanded(in_channels)
        _check_parts("kernel_sizes", self.kernel_parts(expanded))
        _check_parts("project_groups", self.project_parts(expanded))
        if self.expands:
            _check_parts("expand_groups", self.expand_parts(in_channels))
            _check_parts("expand_groups", self.expand_parts(expanded))

    @property
    def _multiple(self) -> int:
        """1 for whole parts, 0 in the relaxation."""
        return min(self.expand_multiple, 1)


def _check_parts(what: str, parts: tuple[float, ...]) -> None:
    if min(parts) <= 0:
        raise SpecError(
            f"{sum(parts):g} channels are too few for {len(parts)} {what} of a mixed "
            "bottleneck; give it more channels, or a larger width_mult"
        )
