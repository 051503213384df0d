"""What a number of seeds can tell apart, in words for the note of a row."""

from collections.abc import Sequence

from rexpand.search.effects import spread
from rexpand.search.intervals import CONFIDENCE
from rexpand.search.power import needed, told_apart

POINT = 1.0  # of top-1 accuracy
PAIR = 2  # networks that a difference is of


def told(accuracies: Sequence[Sequence[float]]) -> str:
    """By accuracies (networks, seeds): the least difference of two that is found.

    The spread between trainings is that of all networks, beyond what a seed has in
    common. Empty where it is 0, or where there are too few.
    """
    found = spread(accuracies)
    if found is None or not found.residual:
        return ""
    seeds = len(accuracies[0])
    least = told_apart(found.residual, PAIR, seeds)
    enough = needed(POINT, found, PAIR, CONFIDENCE)
    return (
        f"trainings differ by {found.residual:.2f} points, so {seeds} seeds find a "
        f"difference of {least:.2f} with a power of 80 %; one point takes {enough.seeds} "
        f"({enough.low} to {enough.high})"
    )
