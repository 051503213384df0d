"""Widths for two inverted bottlenecks whose ratios are given and whose macs are.

With dim_ratio r, the stem has w channels and the blocks w / r and w / r^2. The budget
solver scales blocks after a given stem, so the stem is the one whose own width the
solver comes back with.
"""

from dataclasses import dataclass
from itertools import count
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.budget import Budget, Solution, solve
from rexpand.errors import BudgetError, StudyError
from rexpand.ranges import EXPAND_RATIO, EXPANSION, NAME
from rexpand.spec import (
    Activation,
    FreeList,
    Head,
    InvertedBottleneck,
    NetworkSpec,
    Stem,
)


@dataclass(frozen=True, kw_only=True)
class Factors:
    """What a row of the analysis sets; `expand_ratio` is 1 / dim_ratio of a first 1x1."""

    name: Annotated[str, NAME]
    expand_ratio: Annotated[float, EXPANSION]
    dim_ratio: Annotated[float, EXPAND_RATIO]
    expand_activation: Activation

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What all rows share: images, classes, strides, and the penultimate layer.

    Both bottlenecks have stride 2. Equally wide penultimate layers make the nuclear
    norms of the rows comparable.
    """

    resolution: int
    in_channels: int
    num_classes: int
    stem_stride: int = 1
    penultimate: int = 1280


def two_bottlenecks(factors: Factors, frame: Frame, macs: int) -> NetworkSpec:
    """The widest network with these ratios within a budget, the classifier counted.

    Raises BudgetError if even a stem of one channel costs too much.
    """
    best: tuple[float, NetworkSpec] | None = None
    for stem in count(1):
        solution = _solved(factors, frame, macs, stem)
        if solution is None:
            break
        gap = abs(solution.relaxed.slope - stem)
        if best is None or gap < best[0]:
            best = (gap, solution.spec)
        if solution.relaxed.slope < stem:
            break
    if best is None:
        raise BudgetError(
            f"macs {macs:,} are too few for two bottlenecks with dim_ratio "
            f"{factors.dim_ratio:g} on {frame.resolution} pixels; give more"
        )
    return best[1]


def _solved(factors: Factors, frame: Frame, macs: int, stem: int) -> Solution | None:
    """The blocks that fill the budget after a stem, or None if it leaves too little."""
    heights = (1 / factors.dim_ratio, 1 / factors.dim_ratio**2)
    spec = _framed(factors, frame, stem, heights)
    try:
        return solve(spec, Budget(macs=macs), FreeList(heights=heights))
    except BudgetError:
        return None


def _framed(
    factors: Factors, frame: Frame, stem: int, heights: tuple[float, float]
) -> NetworkSpec:
    blocks = tuple(
        InvertedBottleneck(
            out_channels=round(stem * height),
            stride=2,
            expand_ratio=factors.expand_ratio,
            expand_activation=factors.expand_activation,
        )
        for height in heights
    )
    return NetworkSpec(
        name=f"factors_{factors.name.replace(' ', '_')}",
        family="factors",
        stem=Stem(out_channels=stem, stride=frame.stem_stride),
        blocks=blocks,
        head=Head(channels=frame.penultimate, dropout=0.0),
        resolution=frame.resolution,
        in_channels=frame.in_channels,
        num_classes=frame.num_classes,
    )
