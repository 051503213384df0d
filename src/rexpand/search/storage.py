"""Where the trials of a study are kept, and who hands them to drivers.

A storage holds the configurations that it is given, in their order, and draws none. It
gives each trial to one driver at a time. Whatever ends a driver, its trials are run on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from rexpand.search.configuration import Configuration
from rexpand.search.design import StudyDesign

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

LEASE_SECONDS = 60.0  # that a driver may be silent before its trials are others'


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A trial that is this driver's to run; another driver may have begun it."""

    number: int
    channels: tuple[int, ...]
    was_anothers: bool = field(default=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a trial stands at an epoch: its accuracy after it, and its final one.

    `accuracy` is None for a trial that ended before the epoch, `final` for one that is
    not complete.
    """

    number: int
    accuracy: float | None
    final: float | None


class LostTrial(Exception):
    """Another driver has the trial: this one was silent for too long."""


class StudyStorage(Protocol):
    """The trials of one study, inside the `with`.

    Whoever reports on a trial raises LostTrial if it is another driver's by now. A
    storage that fails is an OutputError or a StorageError.
    """

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def join(self, design: StudyDesign) -> StudyDesign:
        """The design that holds: this one, or one that others gave more trials.

        Called first, and again where a trial comes that it does not know of. Raises StudyError if the study has other settings.
        """

    def count(self) -> int:
        """How many configurations it holds."""

    def finished(self) -> int:
        """How many trials are over, those that failed too."""

    def failed(self) -> int:
        """How many trials failed."""

    def trials(self) -> "Sequence[FrozenTrial]":
        """Every trial as it is now, in order."""

    def add(self, configurations: Sequence[Configuration], first: int) -> None:
        """Queue configurations whose numbers count from `first`; those there stay."""

    def take(self) -> Taken | None:
        """A trial to run: one that a dead driver left, or the next of the queue."""

    def report(self, trial: Taken, accuracies: Mapping[int, float]) -> None:
        """Note the accuracy after each epoch; those that are known stay."""

    def standings(self, epoch: int) -> Sequence[Standing]:
        """The trials that have come to the end of an epoch (from 0), or are over."""

    def prune(self, trial: Taken) -> None:
        """End a trial without an accuracy."""

    def complete(
        self, trial: Taken, accuracy: float, outcome: Mapping[str, object]
    ) -> None:
        """End a trial with its accuracy and what else is kept of it."""

    def fail(self, trial: Taken, reason: str) -> None:
        """End a trial that failed."""

    def retry_failed(self) -> None:
        """Let the trials that failed be run again. Called before any is taken."""
