"""A search that asks a table instead of training: what it finds, and what it would cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rexpand.errors import StudyError
from rexpand.search.table.queries import TableTrial, distance

# Given what was found so far, the channels to ask for next.
Asks = Callable[[Sequence["Evaluation"]], Sequence[int]]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """One answer: the trial nearest to what was asked, of those not yet asked for.

    `distance` is how far it is from `asked` (`rexpand.search.table.queries.distance`),
    `seconds` the time that all trainings up to this one took.
    """

    asked: tuple[int, ...]
    trial: TableTrial
    distance: float
    seconds: float

    @property
    def accuracy(self) -> float:
        return self.trial.accuracy


def simulate(
    trials: Sequence[TableTrial], asks: Asks, evaluations: int
) -> tuple[Evaluation, ...]:
    """A search of so many evaluations; no trial is given twice.

    Raises StudyError for more evaluations than there are trials.
    """
    if evaluations > len(trials):
        raise StudyError(
            f"{evaluations} evaluations are more than the {len(trials)} trials; ask for "
            "fewer"
        )
    left = list(trials)
    found: list[Evaluation] = []
    seconds = 0.0
    for _ in range(evaluations):
        asked = tuple(asks(tuple(found)))
        gaps = [distance(trial.channels, asked) for trial in left]
        place = int(np.argmin(gaps))
        trial = left.pop(place)
        seconds += trial.seconds
        found.append(
            Evaluation(asked=asked, trial=trial, distance=gaps[place], seconds=seconds)
        )
    return tuple(found)


def random_order(trials: Sequence[TableTrial], seed: int) -> Asks:
    """Random search: the trials' own channels in a random order."""
    order = np.random.default_rng(seed).permutation(len(trials))

    def ask(found: Sequence[Evaluation]) -> Sequence[int]:
        return trials[order[len(found)]].channels

    return ask


def expected_best(trials: Sequence[TableTrial], evaluations: int) -> float:
    """The mean best accuracy of random searches of so many evaluations, exactly.

    It is over all subsets: the trial of rank r from below is the best of
    C(r, evaluations - 1) of them, for r from 0. Raises StudyError as `simulate` does.
    """
    if not 1 <= evaluations <= len(trials):
        raise StudyError(
            f"{evaluations} evaluations of {len(trials)} trials; give 1 to {len(trials)}"
        )
    accuracies = sorted(trial.accuracy for trial in trials)
    chance, left = evaluations / len(trials), 1.0
    mean = 0.0
    for rank in range(len(trials) - 1, evaluations - 2, -1):
        mean += left * chance * accuracies[rank]
        left *= 1 - chance
        chance = evaluations / rank if rank else 1.0
    return mean
