"""When a trial is stopped before its end: the median rule, and successive halving.

Both look at the accuracy of a trial's first seed after an epoch. By the median rule
(Optuna's) a trial is compared with those that are complete at that moment, so it matters
who came first. Halving (arXiv 1502.07943) is synchronous here: nobody of a cohort is
stopped at a rung before all of it have come there, so the outcome is that of the
accuracies alone, with any number of workers and after any kill.

Neither stops the trials that are spared, one in five, chosen by the study's seed: they
tell what the rule would have done to trials that are trained in full.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import isnan
from statistics import median
from typing import Literal

import numpy as np

Pruning = Literal["none", "median", "halving"]

LEAST_EPOCHS = 3  # of a recipe: fewer have no epoch after which a trial is stopped
ELDERS = 5  # complete trials, before the median rule stops any
SPARED = 5  # one trial in so many
REDUCTION = 3  # one trial in so many goes on at a rung
_RUNGS = 2


def pauses(rule: Pruning, epochs: int) -> tuple[int, ...]:
    """The numbers of epochs after which a rule may stop a trial of so many."""
    match rule:
        case "median":
            return tuple(range(2, epochs))  # one accuracy is the best of nothing
        case "halving":
            return rungs(epochs)
    return ()


def rungs(epochs: int) -> tuple[int, ...]:
    """The epochs after which halving compares a cohort: a ninth and a third of all."""
    found = (epochs // REDUCTION**each for each in range(_RUNGS, 0, -1))
    return tuple(rung for rung in found if rung)


def is_spared(number: int, seed: int) -> bool:
    """Whether a trial is trained in full whatever its accuracy: one of each five."""
    block, place = divmod(number, SPARED)
    return place == int(np.random.default_rng((seed, block)).integers(SPARED))


def cohort_of(number: int, sizes: Sequence[int]) -> range:
    """The trials that are compared with a trial: those that were asked for with it.

    `sizes` are the numbers of trials that the study had, the last one now. A trial
    beyond them is alone.
    """
    for first, end in pairwise((0, *sizes)):
        if first <= number < end:
            return range(first, end)
    return range(number, number + 1)


def survivors(
    cohort: Collection[int], rounds: Sequence[Mapping[int, float | None]]
) -> frozenset[int] | None:
    """Who of a cohort goes on after the last of some rungs; None as long as that is open.

    `rounds` has for each rung the accuracies of the trials that came there, and None for
    those that ended before without one. Equal accuracies share their fate: whoever is
    not below the third that goes on goes on too.
    """
    going = frozenset(cohort)
    for found in rounds:
        if not going <= found.keys():
            return None
        known = {number: _known(found[number]) for number in going}
        ranked = sorted(known.values(), reverse=True)
        least = ranked[max(len(ranked) // REDUCTION, 1) - 1]
        going = frozenset(n for n, accuracy in known.items() if accuracy >= least)
    return going


def falls_below_median(
    accuracies: Mapping[int, float], elders: Collection[float | None]
) -> bool:
    """Whether a trial's best epoch is below the median of its elders at the same epoch.

    `accuracies` are the trial's by epoch, which counts from 0; `elders` those that the
    complete trials had at its last epoch, None for one that ended before. The first
    five trials are never stopped, and none after its first epoch.
    """
    if len(elders) < ELDERS or not accuracies or max(accuracies) < 1:
        return False
    known = [each for each in elders if each is not None and not isnan(each)]
    own = [each for each in accuracies.values() if not isnan(each)]
    if not own:
        return True
    return bool(known) and max(own) < median(known)


def _known(accuracy: float | None) -> float:
    """An accuracy to compare: none at all is the worst."""
    return -1.0 if accuracy is None or isnan(accuracy) else accuracy
