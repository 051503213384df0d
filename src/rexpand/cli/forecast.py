"""What a training is expected to take, in words and as a document."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import print_json
from rexpand.cli.pace import duration

if TYPE_CHECKING:
    from rexpand.train import Forecast

_GIB = 2**30

Plan = Annotated[
    bool,
    typer.Option(
        "--plan",
        help="Print the expected time and memory, measured on a few steps, and end.",
    ),
]


def expected(forecast: "Forecast", count: int, name: str = "seeds") -> str:
    """One line: the time of so many trainings, what it is made of, and the memory.

    `name` is what they are.
    """
    every = "" if count == 1 else f" for {count} {name}"
    epochs = "epoch" if forecast.epochs == 1 else "epochs"
    often = {forecast.epochs: "", 1: "once "}
    times = often.get(forecast.evaluations, f"{forecast.evaluations} times ")
    steps = (
        f"{forecast.epochs} {epochs} of {forecast.steps_per_epoch:,} steps of "
        f"{forecast.step_seconds:.3g} s, and {times}{forecast.evaluation_seconds:.3g} s "
        "to evaluate"
    )
    memory = (
        f"{forecast.peak_bytes / _GIB:.2g} of {forecast.usable_bytes / _GIB:.3g} GiB "
        "of memory"
    )
    way_out = (
        "" if forecast.fits else f"; a batch of {forecast.largest_batch:,} would fit"
    )
    return (
        f"expected: {duration(forecast.seconds * count)}{every} ({steps}), {memory}"
        f"{way_out}"
    )


def print_plan(
    forecast: "Forecast", count: int, as_json: bool, name: str = "seeds"
) -> None:
    """The plan of so many trainings alike, for people or for programs."""
    if as_json:
        print_json(plan_document(forecast, count, name))
        return
    print(expected(forecast, count, name))
    print(
        f"measured on {forecast.measured_steps} steps; the memory that there is holds "
        f"batches of up to about {forecast.largest_batch:,}"
    )


def plan_document(forecast: "Forecast", count: int, name: str) -> dict[str, Any]:
    """All of it, with the seconds of all trainings."""
    return {
        **asdict(forecast),
        "fits": forecast.fits,
        name: count,
        "total_seconds": forecast.seconds * count,
    }
