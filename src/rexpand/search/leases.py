"""Whose a trial is, and until when: leases that are renewed while a driver lives."""

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from threading import Event, Lock, Thread
from uuid import uuid4

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import SQLAlchemyError

from rexpand.search.database_tables import clock, insert_unless_there, leases
from rexpand.search.storage import LostTrial

_RENEWALS = 4  # in the time of a lease: three may fail


class Leases:
    """The leases of one driver, by the ids of trials in the database.

    A thread renews them. A failure there says nothing: who reports on a trial hears of
    it.
    """

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._engine, self._seconds = engine, seconds
        self._driver = f"{socket.gethostname()[:50]}:{os.getpid()}:{uuid4().hex[:12]}"
        self._ends = clock(engine) + seconds
        self._held: set[int] = set()
        self._lock = Lock()
        self._is_over = Event()
        self._thread = Thread(target=self._renew, daemon=True)

    def claim(self, connection: Connection, trial: int) -> bool:
        """Take a trial that is nobody's or whose lease has ended; whether it worked."""
        asked = insert_unless_there(connection, leases).values(
            trial_id=trial, driver=self._driver, ends=self._ends
        )
        done = connection.execute(
            asked.on_conflict_do_update(
                index_elements=[leases.c.trial_id],
                set_={"driver": self._driver, "ends": self._ends},
                where=leases.c.ends < clock(self._engine),
            )
        )
        return bool(done.rowcount)

    def check(self, connection: Connection, trial: int) -> None:
        """Renew the lease of a trial; LostTrial if it is another driver's.

        Until the end of the transaction no other driver can take it.
        """
        mine = (leases.c.trial_id == trial) & (leases.c.driver == self._driver)
        asked = update(leases).where(mine).values(ends=self._ends)
        if not connection.execute(asked).rowcount:
            self.forget(trial)
            raise LostTrial

    def hold(self, trial: int) -> None:
        """Renew the lease of a trial from now on."""
        with self._lock:
            self._held.add(trial)
        if self._thread.ident is None:
            self._thread.start()

    def forget(self, trial: int) -> None:
        """Renew it no more."""
        with self._lock:
            self._held.discard(trial)

    def end(self) -> None:
        """Give back what is held, so that nobody has to wait for it."""
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1)
        with suppress(SQLAlchemyError):
            self._set(0.0)

    def _renew(self) -> None:
        while not self._is_over.wait(self._seconds / _RENEWALS):
            with suppress(SQLAlchemyError):  # it is away; perhaps not the next time
                self._set(self._ends)

    def _set(self, ends: object) -> None:
        with self._lock:
            held: Iterable[int] = tuple(self._held)
        if held:
            mine = leases.c.trial_id.in_(held) & (leases.c.driver == self._driver)
            with self._engine.begin() as connection:
                connection.execute(update(leases).where(mine).values(ends=ends))
