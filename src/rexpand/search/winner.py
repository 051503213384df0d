"""The trial of a study that is exported: the best, that at the knee, or any."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rexpand.errors import StudyError
from rexpand.search.design import StudyDesign, read_study
from rexpand.search.measured import measurements_of
from rexpand.search.objectives import known_objectives
from rexpand.search.stored import read_trials
from rexpand.search.summary import summarise
from rexpand.search.trials import trial_summaries
from rexpand.spec import NetworkSpec


def winner(
    folder: str | Path, number: int | None = None
) -> tuple[StudyDesign, NetworkSpec]:
    """The design, and the spec of the best trial or of the trial of a number.

    Raises StudyError if that trial does not exist or none is finished.
    """
    folder = Path(folder)
    design = read_study(folder)
    trials = trial_summaries(design, read_trials(folder), measurements_of(folder))
    if number is not None and not 0 <= number < len(trials):
        raise StudyError(
            f"there is no trial {number}; {folder} has 0 to {len(trials) - 1}"
        )
    ranked = [trial for trial in trials if trial.is_ranked]
    if number is None and not ranked:
        raise StudyError(
            f"no trial of {folder} is finished; run `rexpand search resume`"
        )
    best = (
        trials[number]
        if number is not None
        else max(ranked, key=lambda trial: trial.accuracy or 0.0)
    )
    spec = design.spec.with_channels(best.channels)
    return design, replace(spec, name=f"{spec.name}_trial_{best.number}")


def knee_of(folder: str | Path, objectives: Sequence[str] = ()) -> int:
    """The number of the trial at the knee of a study's front.

    Raises StudyError where the front has none, and as `summarise` does.
    """
    summary = summarise(folder, objectives)
    front = summary.front
    if front is None:
        raise StudyError(
            f"no trial of {folder} is finished; run `rexpand search resume`"
        )
    if front.knee is None:
        others = [name for name in known_objectives(summary) if name not in front.costs]
        raise StudyError(
            f"the front of {summary.name} in {' and '.join(front.costs)} has no knee: "
            f"{len(front.trials)} trials are on it, and they do not bulge; give the number "
            f"of a trial, or another cost: {', '.join(others)}"
        )
    return front.knee
