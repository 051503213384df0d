"""`rexpand search run --plan`: what would be drawn, how long it takes, what it can tell."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.cli.console import note, print_json, print_table
from rexpand.cli.forecast import made_of, memory_of
from rexpand.cli.pace import duration

if TYPE_CHECKING:
    from rexpand.search.design import StudyDesign
    from rexpand.search.study_forecast import StudyForecast
    from rexpand.search.trainer import Trainer
    from rexpand.search.wanted import Wanted
    from rexpand.search.workers import Placement

_LONG = 60.0  # seconds: a shorter search is over before its prediction is read


def print_study_plan(
    design: "StudyDesign",
    folder: Path,
    placed: "Placement",
    data_root: Path | None,
    trainer: "Trainer[Any]",
    as_json: bool,
) -> None:
    """What a study would draw of each shape, its time, and what it takes to do it well.

    Spreads are those of the study in the folder, if it trains alike.
    """
    from rexpand.search.coverage import shape_summaries
    from rexpand.search.design import drawn
    from rexpand.search.study_forecast import foretell_fresh
    from rexpand.search.wanted import pilot_of, wanted

    found = drawn(design)
    shapes = shape_summaries(design.budget, found)
    pilot = pilot_of(design, folder)
    forecast = foretell_fresh(design, placed, data_root, trainer)
    rows = wanted(design, forecast, len(shapes), pilot)
    lacking = [str(each) for each in found.shortfalls]
    if as_json:
        document = {
            "shapes": [asdict(shape) for shape in shapes],
            "shortfalls": lacking,
            "forecast": {**asdict(forecast), "seconds": forecast.seconds},
            "wanted": [asdict(row) for row in rows],
        }
        print_json(document)
        return
    _print_shapes(shapes)
    for each in lacking:
        note(each)
    print(predicted(forecast, design))
    _print_wanted(rows, len(pilot))


def note_prediction(
    design: "StudyDesign",
    folder: Path,
    placed: "Placement",
    data_root: Path | None,
    trainer: "Trainer[Any]",
) -> None:
    """A line for the person on how long a study of minutes or hours will take."""
    from rexpand.search.study_forecast import foretell_study

    forecast = foretell_study(design, folder, placed, data_root, trainer)
    if forecast is not None and forecast.seconds >= _LONG:
        note(predicted(forecast, design))


def predicted(forecast: "StudyForecast", design: "StudyDesign") -> str:
    """One line: the time of the trainings that are left, and what tells it."""
    most = "" if design.pruning == "none" else "at most "
    together = min(forecast.at_a_time, forecast.trainings)
    beside = f", {together} at a time" if together > 1 else ""
    count = f"{forecast.trainings:,} training{'s' * (forecast.trainings > 1)}"
    line = (
        f"predicted: {most}{duration(forecast.seconds)} for {count} of "
        f"{duration(forecast.training_seconds)}{beside}"
    )
    measured = forecast.measured
    if measured is None:
        return f"{line}, as in the {forecast.trials} trials that are over"
    return (
        f"{line} ({measured.measured_steps} steps of one were measured: "
        f"{made_of(measured)}), {memory_of(measured, together)}"
    )


def _print_shapes(shapes: Any) -> None:
    from rexpand.report import shape_rows

    table = [asdict(row) for row in shape_rows(shapes)]
    print_table([*table[0]], ([*row.values()] for row in table))


def _print_wanted(rows: "tuple[Wanted, ...]", pilot: int) -> None:
    """What it takes to tell a difference, and how long that would be."""
    print(
        f"to find a difference of {rows[0].effect:g} point between two means (power 80 %, "
        "level 5 %), by how far their values spread:"
    )
    header = ("spread", "of", "values", "so many seeds", "so many trials a shape")
    print_table(header, (_cells(row) for row in rows))
    if rows[0].origin == "assumed":
        print("a pilot with two seeds in the same folder measures the spread")
    else:
        print(f"the spread was measured on {pilot} trials")


def _cells(row: "Wanted") -> tuple[str, ...]:
    return (
        f"{row.spread:.2f}",
        row.origin,
        str(row.needed),
        "-" if row.seeds_seconds is None else duration(row.seeds_seconds),
        "-" if row.trials_seconds is None else duration(row.trials_seconds),
    )
