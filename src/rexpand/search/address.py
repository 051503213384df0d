"""Where a database is that stores studies: its address, without secrets.

Addresses are SQLAlchemy's: `sqlite:///FILE` and `postgresql://USER@HOST:PORT/DATABASE`.
One with a password is refused: records name the command that made them. PostgreSQL's own
library takes the password from `PGPASSWORD`, from `~/.pgpass` or from a service file.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rexpand.allowed import check_fields
from rexpand.codec import to_document
from rexpand.documents import read_value
from rexpand.errors import StorageError, printable
from rexpand.ranges import NAME, PLACE
from rexpand.records import write_atomic
from rexpand.search.journal import FILE as JOURNAL
from rexpand.search.optuna_library import optuna_library

if TYPE_CHECKING:
    from sqlalchemy import URL

FILE = "storage.json"
_FORMS = "give sqlite:///FILE or postgresql://USER@HOST:PORT/DATABASE"
_SECRETS = ("password", "sslpassword")
_DRIVERS = ("postgresql", "postgresql+psycopg")
# A server that is cut off is noticed, and holds nothing that others wait for.
_SETTINGS = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "application_name": "rexpand",
    "options": "-c idle_in_transaction_session_timeout=10s -c lock_timeout=5s",
}


@dataclass(frozen=True, kw_only=True)
class Address:
    """The database of a study and the study's name in it.

    The file of a study's own SQLite database is named from the study's folder on.
    """

    url: Annotated[str, PLACE]
    study: Annotated[str, NAME]
    version: int = 1

    def __post_init__(self) -> None:
        check_fields(self, StorageError)
        _parsed(self.url)

    @property
    def is_in_folder(self) -> bool:
        """Whether it is a file of the study's own folder."""
        url = _parsed(self.url)
        file = Path(url.database or "")
        return url.drivername == "sqlite" and not file.is_absolute()

    def within(self, folder: Path) -> "Database":
        """The database, seen from the study's folder."""
        url = _parsed(self.url)
        if url.drivername == "sqlite":
            file = _absolute(folder) / (url.database or "")
            return Database(url=url.set(database=str(file)), study=self.study)
        settings = {**_SETTINGS, **url.query}
        url = url.set(drivername=_DRIVERS[-1]).update_query_dict(settings)
        return Database(url=url, study=self.study)


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database as SQLAlchemy opens it, and the name of a study in it."""

    url: "URL"
    study: str

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database or "") if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.url.drivername == "sqlite"

    def __str__(self) -> str:
        if self.is_sqlite:
            return f"the SQLite file {self.url.database}"
        host = self.url.host or self.url.query.get("host")
        where = f" at {host}:{self.url.port or 5432}" if host else ""
        return (
            f"the PostgreSQL database '{self.url.database or self.url.username}'{where}"
        )


def address_of(text: str, folder: Path) -> Address:
    """The address that a user gives for the study of a folder.

    The study has the name of the folder, and a file is found from the working folder.
    Raises StorageError for what is no such address, or holds a password.
    """
    url = _parsed(text)
    folder = _absolute(folder)
    if url.drivername == "sqlite":
        file = _absolute(Path(url.database or ""))
        inside = file.relative_to(folder) if file.is_relative_to(folder) else file
        text = f"sqlite:///{inside}"
    return Address(url=text, study=folder.name)


def read_address(folder: Path) -> Address | None:
    """Where the study of a folder is stored; None for its journal file."""
    path = folder / FILE
    return read_value(Address, path, StorageError) if path.is_file() else None


def write_address(address: Address, folder: Path) -> None:
    """Note in a folder where its study is stored."""
    write_atomic(folder / FILE, to_document(address))


def agreed_address(text: str | None, folder: Path) -> Address | None:
    """The address of a folder's study: the one that is given, or that it has already.

    Raises StorageError if it is stored elsewhere, or where `address_of` does.
    """
    kept = read_address(folder)
    if text is None:
        return kept
    asked = address_of(text, folder)
    if kept is None and (folder / JOURNAL).exists():
        raise StorageError(
            f"{folder} is stored in its journal file, not in {asked.within(folder)}; "
            "leave the storage out, or give another folder"
        )
    if kept is not None and replace(asked, study=kept.study) != kept:
        raise StorageError(
            f"{folder} is stored in {kept.within(folder)}, not in "
            f"{asked.within(folder)}; leave the storage out, or give another folder"
        )
    return kept or asked


def _absolute(path: Path) -> Path:
    """A path from the root on; links stay what they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _parsed(text: str) -> "URL":
    """The parts of an address; a message shows none that may hold a password."""
    optuna_library()  # which brings SQLAlchemy
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    kind, found, _ = text.partition("://")
    if not found:
        shown = "this" if "@" in text or ":" in text else f"'{printable(text)}'"
        raise StorageError(f"{shown} is no address of a storage; {_FORMS}")
    if kind not in ("sqlite", *_DRIVERS):
        raise StorageError(
            f"a storage of the kind '{printable(kind)}' is unknown; {_FORMS}"
        )
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise StorageError(
            f"the address of the storage ({kind}) cannot be read; {_FORMS}"
        ) from None
    if url.password is not None or any(name in url.query for name in _SECRETS):
        raise StorageError(
            "the address of the storage holds a password, which records and lists of "
            "processes would show; leave it out, and set PGPASSWORD or write ~/.pgpass"
        )
    if kind == "sqlite" and (
        url.query or url.host or url.database in (None, ":memory:")
    ):
        raise StorageError(f"the address of the storage names no file; {_FORMS}")
    return url
