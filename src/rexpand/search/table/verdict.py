"""Two shapes at equal budget, over every study of a table."""

from collections.abc import Sequence
from contextlib import suppress
from math import log, sqrt

import numpy as np
from scipy.special import stdtr, stdtrit

from rexpand.errors import StudyError
from rexpand.records import EqualGrowth, SearchTable, ShapeVerdict, StudyGap
from rexpand.search.intervals import CONFIDENCE, student
from rexpand.search.power import POWER
from rexpand.search.table.queries import TableTrial, trials_of, with_shapes

_Pair = tuple[tuple[TableTrial, ...], tuple[TableTrial, ...]]  # of two shapes


def verdict(
    table: SearchTable, first: str = "linear", second: str = "stagewise"
) -> ShapeVerdict:
    """Whether the first shape is more accurate than the second within the same budgets.

    The unit is the configuration, its accuracy the mean over seeds. Every study counts
    alike. Raises StudyError for a study with fewer than two trials of either.
    """
    pairs = [_pair(table, study.name, first, second) for study in table.studies]
    gaps = tuple(
        _gap(study.name, pair) for study, pair in zip(table.studies, pairs, strict=True)
    )
    sides = [side for pair in pairs for side in pair]
    difference = sum(gap.difference for gap in gaps) / len(gaps)
    error, freedom = _welch(sides, len(pairs))
    reach = student(freedom, CONFIDENCE) * error
    return ShapeVerdict(
        first=first,
        second=second,
        studies=gaps,
        difference=difference,
        low=difference - reach,
        high=difference + reach,
        p_value=_p_value(difference, error, freedom),
        # where the two-sided t test is passed with this power, nearly
        findable=reach + float(stdtrit(freedom, POWER)) * error,
        equal_growth=_at_equal_growth(pairs),
    )


def verdicts(table: SearchTable) -> tuple[ShapeVerdict, ...]:
    """Linear against stage-wise, and against convex, where both have finished.

    The paper's worst configurations (36-36-36-36-83 in its Table 3) are flat and then
    jump, which is stage-wise in its words and convex in the words of the sampler.
    """
    found = []
    for second in ("stagewise", "convex"):
        with suppress(StudyError):  # too few trials of one of them
            found.append(verdict(table, "linear", second))
    return tuple(found)


def _pair(table: SearchTable, study: str, first: str, second: str) -> _Pair:
    found = trials_of(table, study=study)
    pair = with_shapes(found, first), with_shapes(found, second)
    for shape, side in zip((first, second), pair, strict=True):
        if len(side) < 2:
            raise StudyError(
                f"{study} has {len(side)} finished trials of shape {shape}; at least 2 are "
                "compared"
            )
    return pair


def _gap(study: str, pair: _Pair) -> StudyGap:
    first, second = pair
    difference = _mean(first) - _mean(second)
    error, freedom = _welch(pair, 1)
    reach = student(freedom, CONFIDENCE) * error
    return StudyGap(
        study=study,
        trials=(len(first), len(second)),
        params=(_mean_params(first), _mean_params(second)),
        difference=difference,
        low=difference - reach,
        high=difference + reach,
        p_value=_p_value(difference, error, freedom),
    )


def _at_equal_growth(pairs: Sequence[_Pair]) -> EqualGrowth | None:
    """By least squares: what shape adds to a parabola in log(growth) of each study."""
    rows, accuracies = [], []
    for place, pair in enumerate(pairs):
        for is_first, side in zip((1.0, 0.0), pair, strict=True):
            for trial in side:
                growth = log(trial.channels[-1] / trial.channels[0])
                row = np.zeros(1 + 3 * len(pairs))
                row[0] = is_first
                row[1 + 3 * place : 4 + 3 * place] = 1, growth, growth**2
                rows.append(row)
                accuracies.append(trial.accuracy)
    design, found = np.array(rows), np.array(accuracies)
    freedom = len(found) - design.shape[1]
    if freedom < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    effects, *_ = np.linalg.lstsq(design, found, rcond=None)
    residual = found - design @ effects
    variance = float(residual @ residual) / freedom
    error = sqrt(variance * float(np.linalg.inv(design.T @ design)[0, 0]))
    reach, difference = student(freedom, CONFIDENCE) * error, float(effects[0])
    return EqualGrowth(
        difference=difference,
        low=difference - reach,
        high=difference + reach,
        p_value=_p_value(difference, error, freedom),
    )


def _welch(sides: Sequence[Sequence[TableTrial]], studies: int) -> tuple[float, float]:
    """Standard error of the mean difference over studies, and its degrees of freedom."""
    parts = [
        float(np.var([trial.accuracy for trial in side], ddof=1)) / len(side)
        for side in sides
    ]
    spread = sum(
        part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True)
    )
    freedom = sum(parts) ** 2 / spread if spread else 1.0
    return sqrt(sum(parts)) / studies, freedom


def _p_value(difference: float, error: float, freedom: float) -> float:
    if not error:  # of constants the difference is known
        return float(difference == 0)
    return 2 * float(stdtr(freedom, -abs(difference) / error))


def _mean(trials: Sequence[TableTrial]) -> float:
    return float(np.mean([trial.accuracy for trial in trials]))


def _mean_params(trials: Sequence[TableTrial]) -> float:
    return float(np.mean([trial.params for trial in trials]))
