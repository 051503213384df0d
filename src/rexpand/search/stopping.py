"""What becomes of a trial at an epoch: the rule of pruning, applied by a driver."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from rexpand.search.design import StudyDesign
from rexpand.search.pruning import (
    cohort_of,
    falls_below_median,
    is_spared,
    pauses,
    rungs,
    survivors,
)
from rexpand.search.storage import Standing, StudyStorage

Verdict = Literal["go on", "stop", "wait"]


class Stopping:
    """The rule of a study, which asks the study's storage how other trials stand."""

    def __init__(self, design: StudyDesign, storage: StudyStorage) -> None:
        self._rule, self._seed = design.pruning, design.sampling_seed
        self._epochs = design.recipe.epochs
        self._sizes = design.cohorts
        self._storage = storage

    def pause(self, number: int, epochs: int) -> int | None:
        """After which epoch a trial that has trained so many pauses next; None: never."""
        if self._rule == "median" and is_spared(number, self._seed):
            return None
        later = (each for each in pauses(self._rule, self._epochs) if each > epochs)
        return next(later, None)

    def verdict(self, number: int, accuracies: Mapping[int, float]) -> Verdict:
        """What becomes of a trial that pauses, from its accuracies by epoch."""
        if is_spared(number, self._seed):
            return "go on"
        if self._rule == "halving":
            return self.verdicts([(number, len(accuracies))])[0]
        standings = self._storage.standings(max(accuracies))
        elders = [each.accuracy for each in standings if each.final is not None]
        return "stop" if falls_below_median(accuracies, elders) else "go on"

    def verdicts(self, waiting: Iterable[tuple[int, int]]) -> list[Verdict]:
        """What becomes of trials that wait at a rung: their numbers and their epochs.

        The storage is asked once for each rung.
        """
        found: dict[int, Mapping[int, float | None]] = {}
        going: dict[tuple[range, int], frozenset[int] | None] = {}
        verdicts: list[Verdict] = []
        for number, epochs in waiting:
            reached = [rung for rung in rungs(self._epochs) if rung <= epochs]
            cohort = cohort_of(number, self._sizes)
            key = (cohort, len(reached))
            if key not in going:
                for rung in reached:
                    found.setdefault(rung, self._round(rung))
                going[key] = survivors(cohort, [found[rung] for rung in reached])
            verdicts.append(_verdict(number, going[key]))
        return verdicts

    def _round(self, rung: int) -> Mapping[int, float | None]:
        return round_of(self._storage.standings(rung - 1))


def round_of(standings: Sequence[Standing]) -> Mapping[int, float | None]:
    """The accuracies that trials are compared by at a rung, by number.

    One that ended before it counts with the accuracy that it ended with, if any.
    """
    return {
        each.number: each.final if each.accuracy is None else each.accuracy
        for each in standings
    }


def _verdict(number: int, going: frozenset[int] | None) -> Verdict:
    if going is None:
        return "wait"
    return "go on" if number in going else "stop"
