"""What a study drew of each shape: the coverage of its sample."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Span:
    """The least, the median and the most of some values."""

    least: float
    median: float
    most: float


@dataclass(frozen=True, kw_only=True)
class ShapeSummary:
    """The configurations of one shape.

    `growth` is the last width over the first; `slope` that of the line through a
    configuration, in channels per block. The shares are of the budget's bounds, None
    where a bound was not given. `channels_low` to `channels_high` holds four fifths of
    the widths of each block.
    """

    shape: str
    trials: int
    growth: Span
    slope: Span
    first_width: Span
    last_width: Span
    macs_share: Span | None
    params_share: Span | None
    activations_share: Span | None
    memory_access_share: Span | None
    latency_share: Span | None
    channels_low: tuple[float, ...]
    channels_median: tuple[float, ...]
    channels_high: tuple[float, ...]
