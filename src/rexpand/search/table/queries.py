"""What a table is asked: its trials, some of them, the nearest and the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rexpand.errors import SpecError, UnknownNameError
from rexpand.records import SearchTable, TableRow


@dataclass(frozen=True, kw_only=True)
class TableTrial:
    """A configuration with its trainings, one row per seed.

    `accuracy` is the mean over the seeds in percent, `seconds` their sum; `nuclear_norm`
    and `effective_rank` are means, None where a training recorded none.
    """

    rows: tuple[TableRow, ...]

    @property
    def study(self) -> str:
        return self.rows[0].study

    @property
    def number(self) -> int:
        return self.rows[0].trial

    @property
    def shape(self) -> str:
        return self.rows[0].shape

    @property
    def channels(self) -> tuple[int, ...]:
        return self.rows[0].channels

    @property
    def params(self) -> int:
        return self.rows[0].params

    @property
    def macs(self) -> int:
        return self.rows[0].macs

    @property
    def activations(self) -> int:
        return self.rows[0].activations

    @property
    def memory_access(self) -> int:
        return self.rows[0].memory_access

    @property
    def accuracies(self) -> tuple[float, ...]:
        return tuple(row.accuracy for row in self.rows)

    @property
    def accuracy(self) -> float:
        return sum(self.accuracies) / len(self.rows)

    @property
    def seconds(self) -> float:
        return sum(row.seconds for row in self.rows)

    @property
    def nuclear_norm(self) -> float | None:
        return _mean([row.nuclear_norm for row in self.rows])

    @property
    def effective_rank(self) -> float | None:
        return _mean([row.effective_rank for row in self.rows])


def trials_of(
    table: SearchTable,
    *,
    study: str | None = None,
    macs: float | None = None,
    params: float | None = None,
) -> tuple[TableTrial, ...]:
    """The trials of a study or of all, of at most so many macs and params.

    Raises UnknownNameError for a study that is not in the table.
    """
    names = [each.name for each in table.studies]
    if study is not None and study not in names:
        hint = f"the table has {', '.join(names)}"
        raise UnknownNameError("study", study, names, hint)
    ordered = sorted(table.rows, key=lambda row: (row.study, row.trial, row.seed))
    grouped = groupby(ordered, key=lambda row: (row.study, row.trial))
    trials = [TableTrial(rows=tuple(rows)) for _, rows in grouped]
    return tuple(
        trial
        for trial in trials
        if (study is None or trial.study == study)
        and (macs is None or trial.macs <= macs)
        and (params is None or trial.params <= params)
    )


def with_shapes(trials: Sequence[TableTrial], *shapes: str) -> tuple[TableTrial, ...]:
    """Those of the shapes, e.g. linear and stagewise."""
    return tuple(trial for trial in trials if trial.shape in shapes)


def exact(trials: Sequence[TableTrial], channels: Sequence[int]) -> TableTrial | None:
    """The trial of these channels, the most accurate if there are several; None of none."""
    found = [trial for trial in trials if trial.channels == tuple(channels)]
    return best(found) if found else None


def nearest(trials: Sequence[TableTrial], channels: Sequence[int]) -> TableTrial:
    """The trial whose channels differ least, by `distance`; the first of equal ones."""
    return min(_some(trials), key=lambda trial: distance(trial.channels, channels))


def best(trials: Sequence[TableTrial]) -> TableTrial:
    """The most accurate trial, the first of equal ones."""
    return max(_some(trials), key=lambda trial: trial.accuracy)


def distance(first: Sequence[int], second: Sequence[int]) -> float:
    """How far two configurations are: the root mean square of log(width / width).

    0.1 is a tenth more or less in every block. Raises SpecError if they have not as many
    blocks, or none.
    """
    if len(first) != len(second) or not first or min(*first, *second) < 1:
        raise SpecError(
            f"{tuple(second)} is no configuration of {len(first)} blocks; give a positive "
            "number for each"
        )
    gaps = np.log(np.asarray(first, dtype=float) / np.asarray(second, dtype=float))
    return float(np.sqrt((gaps**2).mean()))


def _some(trials: Sequence[TableTrial]) -> Sequence[TableTrial]:
    if not trials:
        raise SpecError("there is no such trial; ask for more of the table")
    return trials


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None
