"""The interface of every kind of block, for cost, modules, solver and controls.

A block knows its output channels and its rules; its input channels are the output
channels of the block before it, so a channel configuration is one integer per block.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import lcm
from typing import Annotated, Any, ClassVar, Self

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import DILATION, STRIDE, WIDTH
from rexpand.size import Size
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.fields import nonlinearities, roundings
from rexpand.spec.blocks.geometry import check_kernel, strided
from rexpand.spec.blocks.groups import check_divides
from rexpand.spec.blocks.squeeze_excite import SqueezeExcite
from rexpand.spec.rounding import nearest_multiple


@dataclass(frozen=True, kw_only=True)
class BlockSpec(ABC):
    """A block as data; each kind is a frozen dataclass of its own.

    A kind marks its fields for nonlinearities and for roundings of inner widths
    (`rexpand.spec.blocks.fields`). A kind that `looks_back` has a second input, the
    output of the block before the last.
    """

    kind: str
    out_channels: Annotated[int, WIDTH]
    stride: Annotated[int, STRIDE] = 1
    dilation: Annotated[int, DILATION] = 1
    squeeze_excite: SqueezeExcite | None = None
    looks_back: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        for kernel_size in self.kernels:
            check_kernel(kernel_size)

    @property
    @abstractmethod
    def kernels(self) -> tuple[int, ...]:
        """Sizes of the kernels that are not 1x1."""

    @abstractmethod
    def joins(self, in_channels: int) -> bool:
        """Whether a shortcut adds the input to the output."""

    def check_input(self, in_channels: int) -> None:
        """Raise SpecError for a number of input channels that the block cannot have."""
        check_divides(self.channel_multiple, in_channels, "inputs of a block")

    @property
    def channel_multiple(self) -> int:
        """What the input and output channels must be multiples of."""
        return 1

    @property
    def keeps_input(self) -> bool:
        """Whether the outputs contain the input, so that they must be more."""
        return False

    def out_size(self, in_size: int) -> int:
        """Side of the output for a side of the input, pixels."""
        return strided(in_size, self.stride)

    def output(self, size: Size) -> Size:
        """Size of the output for a size of the input."""
        return size.each(self.out_size)

    @property
    def activations(self) -> Mapping[str, Activation]:
        """The nonlinearities, by their position in the block."""
        places = nonlinearities(type(self))
        return {position: self._value(name) for position, name in places.items()}

    def with_activation(self, position: str, activation: Activation) -> Self:
        """The block with another nonlinearity there; unchanged if it has none there."""
        places = nonlinearities(type(self))
        if position not in places:
            return self
        changes: dict[str, Any] = {places[position]: activation}
        return replace(self, **changes)

    def relaxed(self) -> Self:
        """The block without its roundings: every width proportional to the channels."""
        squeeze = self.squeeze_excite
        block = self._rounding_to(lambda _: 0)
        return replace(block, squeeze_excite=squeeze and squeeze.relaxed())

    @property
    def is_relaxed(self) -> bool:
        """Whether a rounding is removed; such a block has no module."""
        squeeze = self.squeeze_excite
        multiples = [self._value(name) for name in roundings(type(self))]
        return 0 in multiples or (squeeze is not None and squeeze.multiple_of == 0)

    def rounded(self, multiple_of: int) -> Self:
        """The block with its inner widths rounded to these multiples only."""
        return self._rounding_to(lambda _: multiple_of)

    def also_rounded(self, multiple_of: int) -> Self:
        """The block with its inner widths rounded to these multiples as well."""
        return self._rounding_to(lambda own: lcm(own or 1, multiple_of))

    def rounded_channels(self, before: int, rounded: int, multiple_of: int) -> int:
        """Output channels as multiples; the input had `before`, now has `rounded`."""
        step = lcm(multiple_of, self.channel_multiple)
        return int(nearest_multiple(self.out_channels, step))

    def _rounding_to(self, change: Callable[[int], int]) -> Self:
        names = roundings(type(self))
        changes: dict[str, Any] = {name: change(self._value(name)) for name in names}
        return replace(self, **changes)

    def _value(self, name: str) -> Any:
        """The value of a field."""
        return getattr(self, name)
