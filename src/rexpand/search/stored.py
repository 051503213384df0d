"""Where the study of a folder is stored: in the folder's journal file."""

from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.search.journal import Journal, read_journal
from rexpand.search.storage import StudyStorage

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


def storage_of(folder: Path) -> StudyStorage:
    """The storage of a study, for a driver."""
    return Journal(folder)


def read_trials(folder: Path) -> "list[FrozenTrial]":
    """Every trial of a study, in order, without disturbing its drivers."""
    return read_journal(folder)
