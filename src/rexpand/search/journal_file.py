"""Optuna's journal file, whose failures to write are errors of ours."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.storages.journal import (
    BaseJournalBackend,
    JournalFileBackend,
    JournalFileSymlinkLock,
)

from rexpand.records.files import writing

_KEPT = "the trials before are kept"


class JournalFile(BaseJournalBackend):
    """The journal of a study; raises OutputError where the file system refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = _Lock(path)
        self._gathered: list[dict[str, Any]] | None = None
        self._written = 0  # lines before the gathered ones
        with writing(path, _KEPT):
            self._file = JournalFileBackend(str(path), self._lock)  # type: ignore[arg-type]

    @contextmanager
    def together(self, *, lasts: bool = True) -> Iterator[None]:
        """Write what the block appends at its end, at once; nothing if it raises.

        Others wait meanwhile. With `lasts` it reaches the disk: a power cut then takes
        nothing of it, nor of what was written before.
        """
        with writing(self._path, _KEPT):
            self._lock.acquire()
        try:
            self._gathered, self._written = [], -1
            try:
                yield
                gathered = self._gathered
            finally:
                self._gathered = None
            if gathered:
                self._append(gathered, lasts)
        finally:
            with writing(self._path, _KEPT):
                self._lock.release()

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        if self._gathered is None:
            return self._file.read_logs(log_number_from)
        if self._written < 0:  # others may have written before the block began
            before = [*self._file.read_logs(log_number_from)]
            self._written = log_number_from + len(before)
            return [*before, *self._gathered]
        return self._gathered[log_number_from - self._written :]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        if self._gathered is not None:  # as the file will give them
            self._gathered += json.loads(json.dumps(logs))
            return
        with writing(self._path, _KEPT):
            self._file.append_logs(logs)

    def _append(self, logs: list[dict[str, Any]], lasts: bool) -> None:
        lines = "".join(f"{json.dumps(each, separators=(',', ':'))}\n" for each in logs)
        with writing(self._path, _KEPT), self._path.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            if lasts:
                os.fsync(file.fileno())
        for _ in self._file.read_logs(self._written):  # it notes where each line begins
            pass


class _Lock:
    """Optuna's lock of a journal, which its holder may take again."""

    def __init__(self, path: Path) -> None:
        self._lock = JournalFileSymlinkLock(str(path))
        self._depth = 0

    def acquire(self) -> bool:
        if not self._depth:
            self._lock.acquire()
        self._depth += 1
        return True

    def release(self) -> None:
        self._depth -= 1
        if not self._depth:
            self._lock.release()
