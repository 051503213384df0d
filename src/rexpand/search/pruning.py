"""When a trial is stopped before its end: the median rule."""

from collections.abc import Collection, Mapping
from math import isnan
from statistics import median

_ELDERS = 5  # complete trials, before any is stopped
_WARMUP = 1  # epochs that stop no trial


def falls_below_median(
    accuracies: Mapping[int, float], elders: Collection[float | None]
) -> bool:
    """Whether a trial's best epoch is below the median of its elders at the same epoch.

    `accuracies` are the trial's by epoch, which counts from 0; `elders` those that the
    complete trials had at its last epoch, None for one that ended before. The first
    five trials are never stopped, and none after its first epoch.
    """
    if len(elders) < _ELDERS or not accuracies or max(accuracies) < _WARMUP:
        return False
    known = [each for each in elders if each is not None and not isnan(each)]
    own = [each for each in accuracies.values() if not isnan(each)]
    if not own:
        return True
    return bool(known) and max(own) < median(known)
