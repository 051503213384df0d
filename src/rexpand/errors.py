"""The exceptions of rexpand.

RexpandError
├── MistakeError (also a ValueError)    the user's mistake; the exit code is 2
│   ├── UnknownNameError                no network, data set or option of that name
│   ├── SpecError                       a value or a file that describes no network
│   │   └── TooLargeError               what no memory of the device would hold
│   ├── BudgetError                     no configuration meets the budget
│   ├── DataError                       a missing, corrupt or degenerate data set
│   ├── CheckpointError                 a truncated checkpoint or another network's
│   ├── ForeignCodeError                a user's or a library's code that failed
│   ├── RankError                       features or settings without a rank
│   ├── RecordError                     a record that is corrupt or of another version
│   │   └── StudyError                  a folder of another experiment or version
│   ├── StorageError                    a database of studies that cannot be used
│   ├── OutputError                     a place that cannot be written
│   └── MissingExtraError               an optional dependency that is not installed
└── RunError                            the run failed; the exit code is 1
    ├── DivergedError                   a training whose loss is no number any more
    ├── MemoryExceededError             a training too large for its device's memory
    ├── WorkersDiedError                a task at which worker after worker died
    ├── ClusterLostError                a cluster of workers that ended, or is unfit
    └── ProcessLostError                another process of the run ended before this one

Every message is one line that quotes the value and says what to do instead. Names of
files and classes come from outside: a message shows their control characters escaped,
and is cut where it is too long, in the middle, so that the way out stays.
"""

from collections.abc import Iterable
from copyreg import __newobj__  # type: ignore[attr-defined]  # pickle's own
from difflib import get_close_matches
from reprlib import Repr
from typing import Any

LONGEST_MESSAGE = 1000  # characters
_LONGEST_VALUE = 120
_GAP = " [...] "


class RexpandError(Exception):
    """Anything that rexpand raises on purpose."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message, LONGEST_MESSAGE))

    def __reduce__(self) -> Any:
        """Pickled by its message, whatever the arguments of a subclass are."""
        return __newobj__, (type(self), *self.args)


class MistakeError(RexpandError, ValueError):
    """A mistake that the user can correct."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it: the one line, without the way to it."""
        return [f"{type(self).__name__}: {self}"]


class UnknownNameError(MistakeError):
    """An unknown name, with the nearest known names."""

    def __init__(self, what: str, name: str, known: Iterable[str], hint: str) -> None:
        near = nearest(name, known)
        names = f"; the nearest are {', '.join(near)}" if near else ""
        super().__init__(f"unknown {what} '{name}'{names}; {hint}")


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names nearest to a name: of similar letters, or of these initials."""
    if len(name) > _LONGEST_VALUE:
        return []
    names = list(known)
    short = [each for each in names if name == "".join(w[0] for w in each.split("_"))]
    close = get_close_matches(name, names, n=count, cutoff=0.5)
    return list(dict.fromkeys((*short, *close)))[:count]


def printable(text: str, longest: int = _LONGEST_VALUE) -> str:
    """A text as one line: control characters escaped, cut in the middle if too long."""
    text = _cut(text, longest)
    if text.isprintable():
        return text
    escaped = (
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in text
    )
    return _cut("".join(escaped), longest)


def _cut(text: str, longest: int) -> str:
    half = (longest - len(_GAP)) // 2
    return text if len(text) <= longest else f"{text[:half]}{_GAP}{text[-half:]}"


def quoted(value: object) -> str:
    """A value as a message quotes it: as Python writes it, short and in one line."""
    return printable(_SHORT.repr(value))


class _Short(Repr):
    """Python's short form of deep and long values, and of integers without end."""

    def repr_int(self, x: int, level: int) -> str:
        if abs(x) >= 10**100:
            return f"a number of {int(x.bit_length() * 0.30103) + 1} digits"
        return str(x)


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = _LONGEST_VALUE


class SpecError(MistakeError):
    """A value or a file that describes no network."""


class TooLargeError(SpecError):
    """Something that the memory of the device would not hold, known before it is tried."""


class BudgetError(MistakeError):
    """A budget that no configuration meets."""


class DataError(MistakeError):
    """A data set that is missing, corrupt or degenerate."""


class CheckpointError(MistakeError):
    """A checkpoint that is truncated or belongs to another network."""


class ForeignCodeError(MistakeError):
    """Code that is not ours and that failed; `said` is its exception, and where."""

    def __init__(self, what: str, said: str = "", way_out: str = "") -> None:
        way_out = f"; {way_out}" if way_out else ""
        super().__init__(f"{what}: {said}{way_out}" if said else what)
        self.said = said


class RankError(MistakeError):
    """Features, or a setting of a rank study, whose rank cannot be computed."""


class RecordError(MistakeError):
    """A record that is corrupt or of another version."""


class StudyError(RecordError):
    """A folder of an experiment by another version or with other settings."""


class StorageError(MistakeError):
    """A database of studies that cannot be reached, used or understood."""


class OutputError(MistakeError):
    """A place for output that cannot be written, or that failed while it was."""


class MissingExtraError(MistakeError):
    """An optional dependency that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; run: pip install 'rexpand[{extra}]'"
        )


class RunError(RexpandError):
    """A run that failed through no mistake of the user's."""


class DivergedError(RunError):
    """A training whose loss is not finite any more."""


class MemoryExceededError(RunError):
    """A training that needs more memory than its device has left."""


class WorkersDiedError(RunError):
    """A task at which worker after worker died."""


class ClusterLostError(RunError):
    """A cluster of workers that ended, or on which nothing can run."""


class ProcessLostError(RunError):
    """Another process of the run ended before this one."""
