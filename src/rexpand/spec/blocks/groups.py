"""Widths that go through convolutions in groups."""

from math import lcm

from rexpand.errors import SpecError
from rexpand.spec.rounding import Width, nearest_multiple


def grouped_width(width: Width, multiple_of: int, groups: int) -> Width:
    """A width rounded so that the groups divide it; unchanged if `multiple_of` is 0."""
    return nearest_multiple(width, lcm(multiple_of, groups))


def check_divides(groups: int, channels: int, what: str) -> None:
    """Raise SpecError unless the groups divide the channels, which `what` names."""
    if channels % groups:
        below = channels // groups * groups
        nearest = f"{below} or {below + groups}" if below else f"{groups}"
        raise SpecError(
            f"groups {groups} do not divide the {channels} {what}; give {nearest}"
        )
