"""The folder of an experiment: its design and its lock.

Studies, factor analyses, comparisons and single trainings are experiments. A folder is
never taken for another experiment's: the same design goes on where it stood, another one
is refused with the difference shown.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from rexpand.codec import check_version, from_content, to_document
from rexpand.documents import read_document
from rexpand.errors import MistakeError, StudyError
from rexpand.records.differences import differences, listed
from rexpand.records.files import new_folders, remove_torn, write_atomic, writing
from rexpand.records.provenance import Provenance

Design = TypeVar("Design")

_LOCK = "driver.lock"


@dataclass(frozen=True, kw_only=True)
class ExperimentFolder(Generic[Design]):
    """The folder of an experiment, whose design is a frozen dataclass.

    `name` is what messages call the experiment, `started_by` the command that begins
    one; `file` holds its design, in the format of `version`. Where `begun` is, a process
    was killed before it wrote the design. Of the fields in `may_grow`
    an experiment can be asked for more later. `results` matches the files of its results,
    `bookkeeping` further files that mean nothing without any.
    """

    path: Path
    design: type[Design]
    name: str
    started_by: str
    file: str
    version: int
    may_grow: tuple[str, ...] = ()
    may_change: tuple[str, ...] = ()
    results: str = "**/training.json"
    bookkeeping: tuple[str, ...] = ()
    begun: str | None = None

    def check_own(self) -> None:
        """Raise StudyError if the folder holds files, but no experiment of this name."""
        if self._design.exists() or not self.path.exists():
            return
        if self.begun is not None and (self.path / self.begun).is_file():
            return
        if not self.path.is_dir() or any(self.path.iterdir()):
            raise StudyError(
                f"{self.path} exists and holds no {self.name}; give a new folder"
            )

    def create(
        self, asked: Design, provenance: Provenance, *, allow_change: bool = False
    ) -> Design:
        """Write the design, or find it there: the one that holds, which may have grown.

        It is the one that the file says, so that 6 for a real number is 6.0 from the
        first run on: states of trainings are known by the text of their design.
        With `allow_change` it may also differ in what may change, until `change`.
        Raises StudyError, and leaves the folder as it was, if that holds another design,
        or has to grow while a process is at work there.
        """
        if not self._design.exists():
            self._write(asked, provenance)
            return self.read()
        saved = self.read()
        self._check_same(saved, asked, allow_change)
        grown = {name: getattr(asked, name) for name in self.may_grow}
        if all(getattr(saved, name) >= value for name, value in grown.items()):
            return saved
        with self.locked():  # who is at work would not hear of it
            self._write(asked, provenance)
        return self.read()

    def change(self, design: Design, provenance: Provenance) -> None:
        """Write a design in place of the one that is there; the caller holds the lock."""
        self._write(design, provenance)

    def exists(self) -> bool:
        """Whether the folder holds an experiment of this name."""
        return self._design.is_file()

    def read(self) -> Design:
        """The design; StudyError if there is none that this version reads."""
        if not self._design.is_file():
            raise StudyError(
                f"{self.path} holds no {self.name}; start one with `{self.started_by}`"
            )
        return read_document(self._design, self._read, StudyError)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only process at work here; the lock dies with the process that holds it.

        Raises StudyError if another process is.
        """
        import fcntl  # not on every system that can read a record

        with writing(self.path / _LOCK):
            file = (self.path / _LOCK).open("w")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StudyError(
                    f"another process is at work in {self.path}; wait for it, or stop it"
                ) from None
            remove_torn(self.path)
            yield

    @contextmanager
    def given_up_if_refused(self) -> Iterator[None]:
        """Remove what the block made here, if a mistake ends it before any result.

        An experiment that was here before, or has a result, stays.
        """
        if self._design.exists():
            yield
            return
        with new_folders(self.path):
            try:
                yield
            except StudyError:  # another process may have begun it
                raise
            except MistakeError:
                if not any(self.path.glob(self.results)):
                    for name in (self.file, _LOCK, *self.bookkeeping):
                        with suppress(OSError):
                            for found in self.path.glob(name):
                                found.unlink(missing_ok=True)
                raise

    @property
    def _design(self) -> Path:
        return self.path / self.file

    def _write(self, design: Design, provenance: Provenance) -> None:
        content = {
            "version": self.version,
            "design": design,
            "provenance": provenance,
        }
        write_atomic(self._design, to_document(content))

    def _read(self, content: Any) -> Design:
        if isinstance(content, dict):
            check_version(content.get("version"), self.version)
        written = from_content(_Written, content)
        return from_content(self.design, written.design, "design")

    def _check_same(self, saved: Design, asked: Design, allow_change: bool) -> None:
        alike: Any = asked
        for name in self.may_grow:
            alike = replace(alike, **{name: getattr(saved, name)})
        found = differences(saved, alike)
        fixed = [each for each in found if not each.is_in(self.may_change)]
        if not fixed and (allow_change or not found):
            return
        shown = fixed if allow_change else found
        way_out = "give the same ones to go on with it, or another folder"
        if not fixed:
            way_out = (
                "give the same ones to go on with it, allow the change, or give another "
                "folder"
            )
        raise StudyError(
            f"{self.path} holds a {self.name} with other settings: {listed(shown)}; "
            f"{way_out}"
        )


def is_at_work(path: str | Path) -> bool:
    """Whether a process is at work in the folder of an experiment."""
    import fcntl

    try:
        with Path(path, _LOCK).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is no lock, or it is not ours to hold
        return False
    return False


@dataclass(frozen=True, kw_only=True)
class _Written:
    """The file of a design."""

    version: int
    design: Mapping[str, object]
    provenance: Mapping[str, object] | None
