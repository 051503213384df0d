"""Stages: the blocks of a network as in the table of its paper.

A table is a tuple of `Stage`, one per row; all other fields come from an example block.
A stage then becomes a tuple of blocks: the network at width 1 and depth 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from rexpand.spec.blocks import BlockSpec, InvertedBottleneck
from rexpand.spec.multipliers import repeated, scaled

_MULTIPLE = 8  # what EfficientNet's rule rounds widths to

Kind = TypeVar("Kind", bound=BlockSpec)
Blocks = tuple[Kind, ...]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A row of a table: blocks of one width, of which the first has the stride.

    Kernel, expansion and groups are one value for all blocks, or one value per block,
    which then also gives the number of blocks. `squeeze_excite` false removes it from
    this stage.
    """

    out_channels: int
    repeats: int = 1
    stride: int = 1
    kernel_size: int | tuple[int, ...] = 3
    expand_ratio: float | tuple[float, ...] = 6
    groups: int | tuple[int, ...] = 1
    squeeze_excite: bool = True

    @property
    def depth(self) -> int:
        """Number of blocks."""
        each = (self.kernel_size, self.expand_ratio, self.groups)
        counts = {len(values) for values in each if isinstance(values, tuple)}
        assert len(counts) < 2, f"uneven fields in {self}"
        return counts.pop() if counts else self.repeats

    @property
    def strides(self) -> tuple[int, ...]:
        """Stride of every block."""
        return (self.stride, *(1,) * (self.depth - 1))


@cache
def inverted(
    stages: tuple[Stage, ...], like: InvertedBottleneck
) -> tuple[Blocks[InvertedBottleneck], ...]:
    """The stages as inverted bottlenecks; `like` has all other fields."""
    return tuple(
        tuple(_inverted(stage, index, like) for index in range(stage.depth))
        for stage in stages
    )


def multiplied(
    stages: Iterable[Blocks[Kind]],
    *,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> tuple[Kind, ...]:
    """The blocks of all stages, wider and deeper by the multipliers."""
    return tuple(
        _wider(block, width_mult)
        for stage in stages
        for block in _deeper(stage, depth_mult)
    )


def multiplied_between_ends(
    stages: Sequence[Blocks[Kind]], *, width_mult: float = 1.0, depth_mult: float = 1.0
) -> tuple[Kind, ...]:
    """As `multiplied`, but the first and the last stage keep their number of blocks."""
    first, *middle, last = stages
    return (
        *multiplied([first], width_mult=width_mult),
        *multiplied(middle, width_mult=width_mult, depth_mult=depth_mult),
        *multiplied([last], width_mult=width_mult),
    )


def _inverted(stage: Stage, index: int, like: InvertedBottleneck) -> InvertedBottleneck:
    """Block `index` of a stage."""
    return replace(
        like,
        out_channels=stage.out_channels,
        stride=stage.strides[index],
        kernel_size=_own(stage.kernel_size, index),
        expand_ratio=float(_own(stage.expand_ratio, index)),
        groups=_own(stage.groups, index),
        squeeze_excite=like.squeeze_excite if stage.squeeze_excite else None,
    )


Value = TypeVar("Value", int, float)


def _own(values: Value | tuple[Value, ...], index: int) -> Value:
    """The value of a block, or the value for all."""
    return values[index] if isinstance(values, tuple) else values


def _deeper(stage: Blocks[Kind], depth_mult: float) -> Blocks[Kind]:
    """The number of blocks of EfficientNet's rule, each block repeated in its place."""
    depth = repeated(len(stage), depth_mult)
    if depth == len(stage):
        return stage
    blocks = [stage[index * len(stage) // depth] for index in range(depth)]
    return (blocks[0], *(replace(block, stride=1) for block in blocks[1:]))


def _wider(block: Kind, width_mult: float) -> Kind:
    width = scaled(block.out_channels, width_mult, _MULTIPLE)
    return block if width == block.out_channels else replace(block, out_channels=width)
