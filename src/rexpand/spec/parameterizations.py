"""The rules that give channels: c_i = a f(i) + b (arXiv 2007.00992, Section 4.1).

`slope` is a, `intercept` is b, and `shape` gives f(0), ..., f(depth - 1) for blocks
counted from 0. A free list is the shape itself, scaled.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import mean
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError, quoted
from rexpand.ranges import DEPTH, FINITE
from rexpand.spec.as_spec import SpecLike, as_spec


@dataclass(frozen=True, kw_only=True)
class Parameterization(ABC):
    """c_i = slope f(i) + intercept; the subclasses define f."""

    slope: Annotated[float, FINITE] = 1.0
    intercept: Annotated[float, FINITE] = 0.0

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    @abstractmethod
    def shape(self, depth: int) -> tuple[float, ...]:
        """f of every block, in forward order."""

    def widths(self, depth: int) -> tuple[float, ...]:
        """The channels before rounding."""
        return tuple(self.slope * f + self.intercept for f in self.shape(depth))

    def channels(self, depth: int, multiple_of: int = 1) -> tuple[int, ...]:
        """The channels, each the nearest multiple, half to even, at least one.

        Half to even is Python's rounding and that of the official ReXNet release
        (38.5 -> 38, 83.5 -> 84).
        """
        return tuple(
            max(multiple_of, multiple_of * round(width / multiple_of))
            for width in self.widths(depth)
        )


@dataclass(frozen=True, kw_only=True)
class Linear(Parameterization):
    """f(i) = i: ReXNet's own rule."""

    def shape(self, depth: int) -> tuple[float, ...]:
        return tuple(float(index) for index in range(depth))


@dataclass(frozen=True, kw_only=True)
class PiecewiseLinear(Parameterization):
    """f runs straight from knot to knot, each a (block, height), and flat outside."""

    knots: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.knots) < 2:
            raise SpecError(
                f"{len(self.knots)} knots; a piecewise line needs two or more"
            )
        for (before, _), (after, _) in pairwise(self.knots):
            if not before < after < inf:
                raise SpecError(
                    f"knots at blocks {before} and {after} are out of order"
                )
        for _, height in self.knots:
            FINITE.check("a knot's height", height, SpecError)

    def shape(self, depth: int) -> tuple[float, ...]:
        for block, _ in (self.knots[0], self.knots[-1]):
            if not 0 <= block < depth:
                raise SpecError(
                    f"a knot is at block {block:g}, and the network's blocks are 0 to "
                    f"{depth - 1}"
                )
        return tuple(self._height(float(index)) for index in range(depth))

    def _height(self, index: float) -> float:
        blocks = [block for block, _ in self.knots]
        right = bisect_right(blocks, index)
        if right == 0:
            return self.knots[0][1]
        if right == len(self.knots):
            return self.knots[-1][1]
        (left, low), (end, high) = self.knots[right - 1], self.knots[right]
        return low + (high - low) * (index - left) / (end - left)


@dataclass(frozen=True, kw_only=True)
class Stagewise(Parameterization):
    """f is flat in a stage: `levels[k]` for `repeats[k]` blocks, as in MobileNetV2."""

    repeats: tuple[Annotated[int, DEPTH], ...]
    levels: tuple[Annotated[float, FINITE], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.repeats) != len(self.levels):
            raise SpecError(
                f"{len(self.repeats)} repeats for {len(self.levels)} levels; "
                "give one of each per stage"
            )

    def shape(self, depth: int) -> tuple[float, ...]:
        pairs = zip(self.repeats, self.levels, strict=True)
        heights = tuple(level for repeat, level in pairs for _ in range(repeat))
        _check_depth(len(heights), depth)
        return heights


@dataclass(frozen=True, kw_only=True)
class FreeList(Parameterization):
    """f(i) is the i-th of `heights`: any channels, scaled as a whole."""

    heights: tuple[Annotated[float, FINITE], ...]

    def shape(self, depth: int) -> tuple[float, ...]:
        _check_depth(len(self.heights), depth)
        return self.heights


def stages_of(spec: SpecLike) -> Stagewise:
    """A network's stages: runs of equal channels, or of blocks between strides.

    A network whose channels all differ has no stages of its own; there a stage begins
    at every stride, and its level is the mean of its channels.
    """
    spec = as_spec(spec)
    channels = spec.channels
    if len(set(channels)) < len(channels):
        starts = [
            i for i in range(len(channels)) if not i or channels[i] != channels[i - 1]
        ]
    else:
        starts = [i for i, block in enumerate(spec.blocks) if not i or block.stride > 1]
    spans = [slice(*ends) for ends in pairwise([*starts, len(channels)])]
    return Stagewise(
        repeats=tuple(span.stop - span.start for span in spans),
        levels=tuple(float(mean(channels[span])) for span in spans),
    )


def _check_depth(blocks: int, depth: int) -> None:
    if blocks != depth:
        raise SpecError(
            f"the parameterization has {blocks} blocks, the network {depth}"
        )


def parameterization_of(
    spec: SpecLike, name: str, knots: str | None = None
) -> Parameterization:
    """The parameterization of a name, from the network's own channels.

    `linear` and `piecewise` keep the first channels as their intercept; `stagewise`
    and `free` scale the network's own stages or channels. Knots are block:height
    pairs like 0:0,5:1,15:4, for `piecewise` alone. Raises SpecError for an unknown name
    or invalid knots.
    """
    spec = as_spec(spec)
    if knots is not None and name != "piecewise":
        raise SpecError(f"a {name} rule has no knots; make it piecewise, or give none")
    first = float(spec.channels[0])
    match name:
        case "linear":
            return Linear(intercept=first)
        case "piecewise":
            return PiecewiseLinear(knots=_parse_knots(knots), intercept=first)
        case "stagewise":
            return stages_of(spec)
        case "free":
            return FreeList(heights=tuple(float(width) for width in spec.channels))
    raise SpecError(
        f"parameterization '{name}' is unknown; "
        "choose from linear, piecewise, stagewise, free"
    )


def _parse_knots(text: str | None) -> tuple[tuple[float, float], ...]:
    if text is None:
        raise SpecError(
            "a piecewise rule needs knots, block:height pairs; write 0:0,5:1,15:4"
        )
    pairs = [pair.partition(":") for pair in text.split(",")]
    try:
        return tuple((float(block), float(height)) for block, _, height in pairs)
    except ValueError:
        raise SpecError(
            f"knots {quoted(text)} are not block:height pairs; write 0:0,5:1,15:4"
        ) from None
