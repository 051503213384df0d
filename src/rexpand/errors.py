"""The exceptions of rexpand.

RexpandError
├── MistakeError (also a ValueError)    the user's mistake; the exit code is 2
│   ├── UnknownNameError                no network, data set or option of that name
│   ├── SpecError                       a value or a file that describes no network
│   ├── BudgetError                     no configuration meets the budget
│   ├── DataError                       a missing, corrupt or degenerate data set
│   ├── CheckpointError                 a truncated checkpoint or another network's
│   ├── RankError                       features or settings without a rank
│   ├── RecordError                     a record that is corrupt or of another version
│   │   └── StudyError                  a folder of another experiment or version
│   └── MissingExtraError               an optional dependency that is not installed
└── RunError                            the run failed; the exit code is 1

Every message is one line that quotes the value and says what to do instead.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class RexpandError(Exception):
    """Anything that rexpand raises on purpose."""


class MistakeError(RexpandError, ValueError):
    """A mistake that the user can correct."""


class UnknownNameError(MistakeError):
    """An unknown name, with the nearest known names."""

    def __init__(self, what: str, name: str, known: Iterable[str], hint: str) -> None:
        near = nearest(name, known)
        names = f"; the nearest are {', '.join(near)}" if near else ""
        super().__init__(f"unknown {what} '{name}'{names}; {hint}")


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names nearest to a name: of similar letters, or of these initials."""
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
    """Features, or a setting of a rank study, whose rank cannot be computed."""


class RecordError(MistakeError):
    """A record that is corrupt or of another version."""


class StudyError(RecordError):
    """A folder of an experiment by another version or with other settings."""


class MissingExtraError(MistakeError):
    """An optional dependency that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; run: pip install 'rexpand[{extra}]'"
        )


class RunError(RexpandError):
    """A run that failed through no mistake of the user's."""
