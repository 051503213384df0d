"""What a study would have to be, to tell a difference: the power of its comparisons.

The comparison is of two means: of two configurations over their seeds, or of two shapes
over their trials. Both are the t test of `rexpand.search.power`, so that one number says
how many values each mean needs, by how far the values spread.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal

import numpy as np

from rexpand.budget import SHAPES
from rexpand.records import TrialSummary
from rexpand.search.design import StudyDesign, study_folder
from rexpand.search.effects import spread
from rexpand.search.power import seeds_needed
from rexpand.search.stored import read_trials
from rexpand.search.study_forecast import StudyForecast
from rexpand.search.trials import trial_summaries

EFFECT = 1.0  # point of accuracy
_ASSUMED = (0.5, 1.0, 2.0)  # points, where nothing is measured yet
_PAIR = 2  # means are compared

Origin = Literal["assumed", "seeds", "trials"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How many values two means need, to be told apart where they differ by `effect`.

    At a level of 5 % and with a power of 80 %. The values' standard deviation is
    `spread`, in points: assumed, or measured between the seeds of a configuration or the
    trials of a shape. `seeds_seconds` is the time of the study with so many seeds of
    every trial, `trials_seconds` with so many trials of every shape; None for the one
    that a measured spread does not tell of.
    """

    effect: float
    spread: float
    origin: Origin
    needed: int
    seeds_seconds: float | None
    trials_seconds: float | None


def wanted(
    design: StudyDesign,
    forecast: StudyForecast,
    shapes: int,
    pilot: Sequence[TrialSummary] = (),
) -> tuple[Wanted, ...]:
    """Of a study that draws so many shapes, by the spreads of a pilot's finished trials.

    Without a pilot, or with one that tells none, by spreads that are assumed.
    """
    found = [*_measured(pilot)] or [(each, "assumed") for each in _ASSUMED]
    return tuple(_wanted(design, forecast, shapes, *each) for each in found)


def pilot_of(design: StudyDesign, folder: str | Path) -> list[TrialSummary]:
    """The finished trials in a folder that were trained as the design says.

    None of a study of another network, data or recipe; the budget and the numbers of
    trials and seeds may differ.
    """
    place = study_folder(folder)
    if not place.exists():
        return []
    found = place.read()
    names = ("spec", "data", "recipe", "train_subset")
    if any(getattr(found, name) != getattr(design, name) for name in names):
        return []
    trials = trial_summaries(found, read_trials(place.path), ())
    return [trial for trial in trials if trial.is_ranked and trial.generation == 0]


def _measured(pilot: Sequence[TrialSummary]) -> "Iterator[tuple[float, Origin]]":
    """The spread between the seeds of a trial, and between the trials of a shape."""
    seeds = min((len(trial.accuracies) for trial in pilot), default=0)
    table = [trial.accuracies[:seeds] for trial in pilot]
    found = spread(table) if len(table) > 1 and seeds > 1 else None
    if found is not None and found.residual:
        yield found.residual, "seeds"
    of_shapes = _within_shapes(pilot)
    if of_shapes:
        yield of_shapes, "trials"


def _within_shapes(pilot: Sequence[TrialSummary]) -> float:
    """The pooled standard deviation of the trials of a shape; 0 of too few."""
    found = [
        np.array([t.accuracy for t in pilot if t.shape == shape], dtype=float)
        for shape in SHAPES
    ]
    groups = [each for each in found if len(each) > 1]
    freedom = sum(len(each) - 1 for each in groups)
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in groups)
    return sqrt(squares / freedom) if freedom else 0.0


def _wanted(
    design: StudyDesign,
    forecast: StudyForecast,
    shapes: int,
    spread: float,
    origin: Origin,
) -> Wanted:
    needed = seeds_needed(EFFECT, spread, _PAIR)
    by_seeds = forecast.of(design.trials * needed)
    by_trials = forecast.of(shapes * needed * design.seeds)
    return Wanted(
        effect=EFFECT,
        spread=spread,
        origin=origin,
        needed=needed,
        seeds_seconds=None if origin == "trials" else by_seeds,
        trials_seconds=None if origin == "seeds" else by_trials,
    )
