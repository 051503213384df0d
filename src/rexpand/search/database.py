"""A study in SQLite or PostgreSQL, in Optuna's tables: several drivers may share it.

A driver takes a trial with a lease, which it renews while the trial runs. All times are
the database's: a driver's clock may be wrong by hours. When a lease has ended another
driver may take the trial, and whatever the former one then reports is refused. Every
report is one transaction that begins with the lease, so that each trial ends once.

A database that is away for a moment, as in a restart, is waited for: each operation can
be begun again, also if its first attempt was carried out and only its answer was lost.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self, TypeVar

from sqlalchemy import Connection, select, update

from rexpand.search import database_rows as rows
from rexpand.search.address import Database
from rexpand.search.configuration import Configuration
from rexpand.search.database_opening import causes, opened, waited_for
from rexpand.search.database_study import joined
from rexpand.search.database_tables import clock, leases, studies
from rexpand.search.design import StudyDesign
from rexpand.search.leases import Leases
from rexpand.search.storage import Standing, Taken

if TYPE_CHECKING:
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial

Value = TypeVar("Value")

_PATIENCE = 60.0  # seconds that a database may be away


class DatabaseStorage(AbstractContextManager["DatabaseStorage"]):
    """The trials of a study in a database; a `StudyStorage` of several drivers."""

    def __init__(self, database: Database, lease: float) -> None:
        self._database, self._seconds = database, lease
        self._ids: dict[int, int] = {}  # in the database, by number

    def __enter__(self) -> Self:
        self._storage: RDBStorage = opened(self._database)
        self._engine = self._storage.engine
        self._leases = Leases(self._engine, self._seconds)
        return self

    def __exit__(self, *exception: object) -> None:
        self._leases.end()
        self._engine.dispose()

    def join(self, design: StudyDesign) -> StudyDesign:
        self._study, design = joined(self._storage, self._database, design)
        return design

    def count(self) -> int:
        return self._patiently(lambda it: rows.count(it, self._study, rows.STATES))

    def finished(self) -> int:
        return self._patiently(lambda it: rows.count(it, self._study, rows.FINISHED))

    def trials(self) -> "list[FrozenTrial]":
        def read() -> "list[FrozenTrial]":
            with causes():
                return self._storage.get_all_trials(self._study, deepcopy=False)

        return waited_for(read, self._database, _PATIENCE)

    def failed(self) -> int:
        return self._patiently(lambda it: rows.count(it, self._study, rows.FAILED))

    def add(self, configurations: Sequence[Configuration], first: int) -> None:
        def add(connection: Connection) -> None:
            same = update(studies).where(studies.c.study_id == self._study)
            connection.execute(same.values(study_name=studies.c.study_name))  # a lock
            there = rows.count(connection, self._study, rows.STATES)
            rows.queue(connection, self._study, configurations[there - first :], there)

        self._patiently(add)

    def take(self) -> Taken | None:
        while (found := self._patiently(self._claimed)) is not None:
            trial, taken = found
            if taken is None:  # another driver was faster
                continue
            self._ids[taken.number] = trial
            self._leases.hold(trial)
            return taken
        return None

    def report(self, trial: Taken, accuracies: Mapping[int, float]) -> None:
        self._of(trial, lambda it, key: rows.note(it, key, accuracies))

    def standings(self, epoch: int) -> Sequence[Standing]:
        return self._patiently(lambda it: rows.standings(it, self._study, epoch))

    def prune(self, trial: Taken) -> None:
        def prune(connection: Connection, key: int) -> None:
            known = rows.accuracies(connection, key)
            last = known[max(known)] if known else None
            rows.end(connection, key, "PRUNED", self._now(connection), last, {})

        self._of(trial, prune)
        self._leases.forget(self._ids[trial.number])

    def complete(
        self, trial: Taken, accuracy: float, outcome: Mapping[str, object]
    ) -> None:
        def complete(connection: Connection, key: int) -> None:
            now = self._now(connection)
            rows.end(connection, key, "COMPLETE", now, accuracy, outcome)

        self._of(trial, complete)
        self._leases.forget(self._ids[trial.number])

    def fail(self, trial: Taken, reason: str) -> None:
        def fail(connection: Connection, key: int) -> None:
            now = self._now(connection)
            rows.end(connection, key, "FAIL", now, None, {"failure": reason})

        self._of(trial, fail)
        self._leases.forget(self._ids[trial.number])

    def retry_failed(self) -> None:
        self._patiently(lambda it: rows.reopen_failed(it, self._study))

    def _claimed(self, connection: Connection) -> tuple[int, Taken | None] | None:
        """The first trial that is free, and whether it is ours now."""
        ended = leases.c.ends < clock(self._engine)
        asked = (rows.free(self._study, state, ended) for state in rows.OPEN)
        answers = (connection.execute(each).first() for each in asked)
        found = next((each for each in answers if each is not None), None)
        if found is None:
            return None
        if not self._leases.claim(connection, found.trial_id):
            return found.trial_id, None
        now = self._now(connection)
        if not rows.begin(connection, found.trial_id, found.state, now):
            return found.trial_id, None  # it has ended: nobody asks for its lease
        channels = rows.channels(connection, found.trial_id)
        is_new = found.state.name == "WAITING"
        if is_new:
            rows.set_params(connection, found.trial_id, channels)
        taken = Taken(number=found.number, channels=channels, was_anothers=not is_new)
        return found.trial_id, taken

    def _of(self, trial: Taken, operation: Callable[[Connection, int], Value]) -> Value:
        """An operation on a trial, in a transaction that holds its lease."""
        key = self._ids[trial.number]

        def leased(connection: Connection) -> Value:
            self._leases.check(connection, key)
            return operation(connection, key)

        return self._patiently(leased)

    def _now(self, connection: Connection) -> datetime:
        """The database's time as Optuna keeps it: of UTC, without saying so."""
        seconds = connection.execute(select(clock(self._engine))).scalar_one()
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)

    def _patiently(self, operation: Callable[[Connection], Value]) -> Value:
        """What an operation gives in a transaction of its own."""

        def attempt() -> Value:
            with self._engine.begin() as connection:
                return operation(connection)

        return waited_for(attempt, self._database, _PATIENCE)
