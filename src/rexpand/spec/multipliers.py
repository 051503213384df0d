"""`width_mult` and `depth_mult` applied to a width and to a stage's repeats."""

from math import ceil

from rexpand.errors import SpecError
from rexpand.ranges import MULTIPLIER
from rexpand.spec.rounding import nearest_multiple


def scaled(width: float, width_mult: float, multiple_of: int = 8) -> int:
    """A width times a multiplier, rounded as MobileNetV2 does (`nearest_multiple`)."""
    check_multiplier("width_mult", width_mult)
    return int(nearest_multiple(width * width_mult, multiple_of))


def repeated(repeats: int, depth_mult: float) -> int:
    """Blocks of a stage times a multiplier, rounded up as EfficientNet does."""
    check_multiplier("depth_mult", depth_mult)
    return ceil(repeats * depth_mult)


def check_multiplier(what: str, multiplier: float) -> None:
    """Raise SpecError for a multiplier that leaves no channels or no blocks."""
    if not 0 < multiplier <= MULTIPLIER.most:  # as it is for every block
        MULTIPLIER.check(what, multiplier, SpecError)
