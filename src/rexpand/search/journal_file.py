"""Optuna's journal file, whose failures to write are errors of ours."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from optuna.storages.journal import BaseJournalBackend, JournalFileBackend

from rexpand.records.files import writing

_KEPT = "the trials before are kept"


class JournalFile(BaseJournalBackend):
    """The journal of a study; raises OutputError where the file system refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path, _KEPT):
            self._file = JournalFileBackend(str(path))

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        return self._file.read_logs(log_number_from)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        with writing(self._path, _KEPT):
            self._file.append_logs(logs)
