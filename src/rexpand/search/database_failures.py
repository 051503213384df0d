"""What a database's failures mean: wait, or tell the user in one line."""

from sqlite3 import Error as SqliteError

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import OperationalError as Operational

from rexpand.errors import StorageError
from rexpand.search.address import Database

_KEPT = "the trials that are over are kept"
# PostgreSQL's codes of what ends by itself: connections, a restart, other drivers' locks.
_PASSING = ("08", "40", "57P", "25P03", "53300", "55P03")
# By words of the servers' messages, which are English unless somebody changed that.
_WAYS_OUT = (
    (("disk", "no space"), f"{_KEPT}; free some space there and run it again"),
    (("readonly", "read-only"), "give a place that can be written to"),
    (
        ("unable to open",),
        "give a file in a folder that is there and can be written to",
    ),
    (("not a database", "malformed"), "give another file"),
    (
        ("permission denied for",),
        "let its owner run GRANT CREATE ON SCHEMA public, or give a database of your own",
    ),
    (
        ("password", "authentication", "role", "pg_hba"),
        "give the user in the address, and the password as PGPASSWORD or in ~/.pgpass",
    ),
    (("does not exist",), "create it, with `createdb`, or give another one"),
    (
        (
            "refused",
            "timeout",
            "resolve",
            "translate host",
            "no such file",
            "unreachable",
        ),
        "start it, or give the host and the port where it answers",
    ),
)


def is_passing(error: SQLAlchemyError) -> bool:
    """Whether the same may work in a moment: a restart, a partition, a lock."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, SqliteError):
        return "locked" in str(error.orig)
    if error.connection_invalidated:
        return True
    code = _code(error)
    if code is None:  # it comes from the connection, not from the server
        return isinstance(error, Operational)
    return code.startswith(_PASSING)


def is_race(error: SQLAlchemyError) -> bool:
    """Whether another driver made the same table or study at the same moment."""
    said = str(error).lower()
    return "already exists" in said or "duplicate key" in said


def told(error: SQLAlchemyError, database: Database) -> StorageError:
    """A failure as one line: the database, what it said, the way out."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    lines = str(origin).strip().splitlines() or [type(error).__name__]
    said = lines[0].rpartition("failed: ")[2].replace("FATAL:", "").strip()
    low = said.lower()
    found = (out for words, out in _WAYS_OUT if any(word in low for word in words))
    way_out = next(found, f"{_KEPT}; run it again when that is mended")
    return StorageError(f"{database} cannot be used: {said}; {way_out}")


def _code(error: DBAPIError) -> str | None:
    """The SQLSTATE of a failure that PostgreSQL itself reports."""
    from psycopg import Error

    return error.orig.sqlstate if isinstance(error.orig, Error) else None
