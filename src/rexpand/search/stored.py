"""Where the study of a folder is stored: in the folder's journal file, or a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.errors import RexpandError
from rexpand.records.files import make_folder, writing
from rexpand.search.address import FILE, Address, read_address, write_address
from rexpand.search.design import StudyDesign
from rexpand.search.journal import Journal, read_journal
from rexpand.search.storage import LEASE_SECONDS, StudyStorage

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


def storage_of(folder: Path, lease: float = LEASE_SECONDS) -> StudyStorage:
    """The storage of a study, for a driver; the lease is of trials in a database."""
    address = read_address(folder)
    if address is None:
        return Journal(folder)
    from rexpand.search.database import DatabaseStorage

    return DatabaseStorage(address.within(folder), lease)


def read_trials(folder: Path) -> "list[FrozenTrial]":
    """Every trial of a study, in order, without disturbing its drivers."""
    address = read_address(folder)
    if address is None:
        return read_journal(folder)
    from rexpand.search.database_study import read_database

    return read_database(address.within(folder))


def joined_at(address: Address, folder: Path, design: StudyDesign) -> StudyDesign:
    """The design that a study in a database has from now on, made if there is none."""
    from rexpand.search.database import DatabaseStorage

    with (
        _noted_first(address, folder),
        DatabaseStorage(address.within(folder), LEASE_SECONDS) as storage,
    ):
        return storage.join(design)


@contextmanager
def _noted_first(address: Address, folder: Path) -> Iterator[None]:
    """The folder says whose database is made in it, if that is a file there.

    A driver that is killed while it makes the tables leaves no folder of a stranger. What
    is refused is not noted.
    """
    if not address.is_in_folder or read_address(folder) is not None:
        yield
        return
    with writing(folder):
        make_folder(folder)
    write_address(address, folder)
    try:
        yield
    except RexpandError:
        (folder / FILE).unlink(missing_ok=True)
        raise
