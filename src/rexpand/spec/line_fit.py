"""How far a channel configuration is from a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rexpand.errors import SpecError


@dataclass(frozen=True, kw_only=True)
class FittedLine:
    """The least-squares line through channels, blocks counted from 0, and its fit.

    `r_squared` is the share of the channels' variance that the line explains; 1 for
    the linear parameterization before rounding, and for channels that are all equal.
    """

    slope: float
    intercept: float
    r_squared: float

    def at(self, block: float) -> float:
        """Channels of the line at a block."""
        return self.intercept + self.slope * block


def fitted_line(channels: Sequence[float]) -> FittedLine:
    """The line through a configuration; SpecError for fewer than two blocks."""
    if len(channels) < 2:
        raise SpecError(
            f"{len(channels)} channels have no line; give two blocks or more"
        )
    blocks = range(len(channels))
    middle, mean = fmean(blocks), fmean(channels)
    rise = sum((b - middle) * (c - mean) for b, c in zip(blocks, channels, strict=True))
    slope = rise / sum((block - middle) ** 2 for block in blocks)
    intercept = mean - slope * middle
    total = sum((width - mean) ** 2 for width in channels)
    missed = sum(
        (width - intercept - slope * block) ** 2 for block, width in enumerate(channels)
    )
    return FittedLine(
        slope=slope,
        intercept=intercept,
        r_squared=1 - missed / total if total else 1.0,
    )
