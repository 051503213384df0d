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
    way_out = (
        "" if forecast.fits else f"; a batch of {forecast.largest_batch:,} would fit"
    )
    return (
        f"expected: {duration(forecast.seconds * count)}{every} ({made_of(forecast)}), "
        f"{memory_of(forecast)}{way_out}"
    )


def made_of(forecast: "Forecast") -> str:
    """The steps and the judging of one training."""
    epochs = "epoch" if forecast.epochs == 1 else "epochs"
    often = {forecast.epochs: "", 1: "once "}
    times = often.get(forecast.evaluations, f"{forecast.evaluations} times ")
    return (
        f"{forecast.epochs} {epochs} of {forecast.steps_per_epoch:,} steps of "
        f"{forecast.step_seconds:.3g} s, and {times}{forecast.evaluation_seconds:.3g} s "
        "to evaluate"
    )


def memory_of(forecast: "Forecast", at_a_time: int = 1) -> str:
    """The memory of so many trainings at a time, and that there is."""
    return (
        f"{forecast.peak_bytes * at_a_time / _GIB:.2g} of "
        f"{forecast.usable_bytes / _GIB:.3g} GiB of memory"
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
