"""Where the study of a folder is stored: in the folder's journal file, or a database."""

from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.records.files import make_folder, writing
from rexpand.search.address import Address, read_address
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

    if address.is_in_folder:
        with writing(folder):
            make_folder(folder)
    with DatabaseStorage(address.within(folder), LEASE_SECONDS) as storage:
        return storage.join(design)
