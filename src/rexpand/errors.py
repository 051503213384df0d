"""The exceptions of rexpand.

RexpandError
├── MistakeError (also a ValueError)    the user's mistake; the command line exits with 2
│   ├── UnknownNameError                no network, data set or option of that name
│   ├── SpecError                       a value or a file that describes no network
│   ├── BudgetError                     no configuration meets the budget
│   ├── DataError                       a data set that is missing, corrupt or degenerate
│   ├── CheckpointError                 a checkpoint that is truncated or of another network
│   ├── RankError                       features or a setting whose rank cannot be told
│   ├── RecordError                     a record that is corrupt or of another version
│   │   └── StudyError                  a folder of another experiment or version
│   └── MissingExtraError               an optional dependency that is not installed
└── RunError                            the run failed; the command line exits with 1

Every message is one line that quotes the value and offers the way out.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RexpandError(Exception):
    """Anything that rexpand raises on purpose."""


class MistakeError(RexpandError, ValueError):
    """A mistake that the user can mend."""


class UnknownNameError(MistakeError):
    """A name that stands for nothing, with the nearest names that do."""

    def __init__(self, what: str, name: str, known: Iterable[str], hint: str) -> None:
        near = nearest(name, known)
        names = f"; the nearest are {', '.join(near)}" if near else ""
        super().__init__(f"unknown {what} '{name}'{names}; {hint}")


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names that a name may stand for: by its letters, or as their initials."""
    names = list(known)
    short = [each for each in names if name == "".join(w[0] for w in each.split("_"))]
    close = get_close_matches(name, names, n=count, cutoff=0.5)
    return list(dict.fromkeys((*short, *close)))[:count]


class SpecError(MistakeError):
    """A value or a file that describes no network."""


class BudgetError(MistakeError):
    """A budget that no configuration meets."""


class DataError(MistakeError):
    """A data set that is missing, corrupt or degenerate."""


class CheckpointError(MistakeError):
    """A checkpoint that is truncated or belongs to another network."""


class RankError(MistakeError):
    """Features, or a setting of a rank study, whose rank cannot be told."""


class RecordError(MistakeError):
    """A record that is corrupt or of another version."""


class StudyError(RecordError):
    """The folder of an experiment that another version or other settings made."""


class MissingExtraError(MistakeError):
    """An optional dependency that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; run: pip install 'rexpand[{extra}]'"
        )


class RunError(RexpandError):
    """A run that failed through no mistake of the user's."""
