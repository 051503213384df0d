"""A database opened for studies: its tables are there, and it is waited for."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from rexpand.errors import MissingExtraError, StorageError, StudyError
from rexpand.search.address import Database
from rexpand.search.database_failures import is_passing, is_race, told
from rexpand.search.database_tables import make_tables
from rexpand.search.optuna_library import optuna_library

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

Value = TypeVar("Value")

_LOCK_SECONDS = 30  # that SQLite waits while another driver writes
_RACES = 5
_LONGEST_PAUSE = 2.0  # seconds between two attempts


def opened(database: Database) -> "RDBStorage":
    """Optuna's storage in a database, its tables and ours made if there are none.

    Raises StorageError if it cannot be reached or used, StudyError if its tables are of
    another version of Optuna, MissingExtraError without PostgreSQL's driver.
    """
    is_new = database.file is not None and not database.file.exists()
    for attempt in range(_RACES):
        try:
            with failures(database):
                return _opened(database)
        except _Race:
            time.sleep(0.1 * (attempt + 1))
        except StorageError:
            if is_new and database.file is not None and database.file.is_file():
                database.file.unlink()  # a link to nothing is not ours
            raise
    raise StorageError(f"{database} is being made by others; run it again")


def opened_to_read(database: Database) -> "RDBStorage":
    """The same for who only reads; StorageError if an SQLite file is not there."""
    if database.file is not None and not database.file.is_file():
        raise StorageError(
            f"{database} is not there, where the study is stored; put it back"
        )
    return opened(database)


def waited_for(
    operation: Callable[[], Value], database: Database, patience: float
) -> Value:
    """What an operation gives, begun again while the database is away for a moment.

    Raises StorageError if it fails for good, or is away for more than `patience`
    seconds.
    """
    deadline = time.monotonic() + patience
    pause = 0.1
    while True:
        try:
            return operation()
        except SQLAlchemyError as error:
            if not is_passing(error) or time.monotonic() > deadline:
                raise told(error, database) from error
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


@contextmanager
def causes() -> Iterator[None]:
    """What Optuna reads fails with the database's own error, which can be waited for."""
    try:
        yield
    except optuna_library().exceptions.StorageInternalError as error:
        raise (error.__cause__ or error) from None


@contextmanager
def failures(database: Database) -> Iterator[None]:
    """The wall of a database that is opened or read by Optuna."""
    optuna = optuna_library()
    try:
        yield
    except optuna.exceptions.StorageInternalError as error:
        cause = error.__cause__
        assert isinstance(cause, SQLAlchemyError)
        raise told(cause, database) from error
    except SQLAlchemyError as error:
        if is_race(error):
            raise _Race from error
        raise told(error, database) from error


class _Race(Exception):
    """Another driver makes the same tables at this moment."""


def _opened(database: Database) -> "RDBStorage":
    arguments: dict[str, Any] = {"pool_pre_ping": True}
    if database.is_sqlite:
        arguments["connect_args"] = {"timeout": _LOCK_SECONDS}
    try:
        storage: RDBStorage = optuna_library().storages.RDBStorage(
            database.url.render_as_string(hide_password=False), arguments
        )
    except ImportError:
        raise MissingExtraError("psycopg", "postgresql") from None
    except RuntimeError as error:  # its tables are of another version
        raise StudyError(f"{database}: {error}") from None
    engine: Engine = storage.engine
    if database.is_sqlite:
        engine.dispose()  # what Optuna opened is not set up yet
        event.listen(engine, "connect", _set_up)
    make_tables(engine)
    return storage


def _set_up(connection: Any, _: object) -> None:
    """Let SQLite wait for the disk now and then, not at each commit.

    A power cut may take the last commits, whose trials are then run on, and breaks
    nothing.
    """
    for setting in ("journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {setting}")
