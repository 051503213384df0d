"""`rexpand train factors`: what channels, nonlinearity, squeeze-excite and augmentation do."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note_resized, page_of, print_json, print_table
from rexpand.cli.device import Device, use_device
from rexpand.cli.networks import network_option
from rexpand.cli.numbers import number
from rexpand.cli.options import Data, DataRoot, FeedAt, Json, Macs, TrainSubset
from rexpand.cli.places import page_folder
from rexpand.cli.recipe_options import RecipeOptions, Show, print_recipe, takes_recipe
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.cli.worker_options import WorkerOptions, takes_workers
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import SEEDS, SHARE

if TYPE_CHECKING:
    from rexpand.recipe import Recipe
    from rexpand.records import Effect, FactorialSummary
    from rexpand.search.factorial_design import FactorialDesign


@takes_workers
@takes_recipe
def factors(
    asked: RecipeOptions,
    network: Annotated[
        str | None,
        network_option(
            help="A network of inverted bottlenecks, e.g. mobilenetv2_100, whose channels "
            "are replaced; every cell starts from fresh weights (default: nine blocks for "
            "32 pixels).",
        ),
    ] = None,
    macs: Macs = None,
    fraction: Annotated[
        str,
        typer.Option(
            "--fraction",
            metavar="FRACTION",
            help="full (16 cells) or half (8 cells: interactions are confounded).",
        ),
    ] = "full",
    seeds: Annotated[
        int,
        number(SEEDS, "--seeds", help="Trainings per cell; more may be asked later."),
    ] = 4,
    data: Data = "digits",
    resolution: FeedAt = None,
    train_subset: TrainSubset = 0,
    tolerance: Annotated[
        float,
        number(
            SHARE,
            "--tolerance",
            help="How far below --macs a cell may stay; 0.01 is 1 %.",
        ),
    ] = 0.01,
    show: Show = False,
    data_root: DataRoot = None,
    device: Device = "auto",
    out: Annotated[
        Path,
        page_folder(
            "--out", own=["factorial.json"], help="The folder of the experiment."
        ),
    ] = Path("runs/train-factors"),
    as_json: Json = False,
    *,
    crew: WorkerOptions,
) -> None:
    """Tell the effect of the channels from that of the tricks.

    Trains every combination ("cell") of stage-wise or linear channels, ReLU6 or SiLU,
    squeeze-excite off or on, and plain or the paper's augmentation, all at equal macs.
    Gives the effect of each factor on accuracy and each interaction, with confidence
    intervals, and how many seeds it takes to tell 0.5 points apart.

    Run the same command again to continue after a stop. Writes factorial.json, the
    record of every training, summary.json, and report.html with its figures.
    """
    from rexpand.data.catalogue import recipe_for

    recipe = asked.chosen(lambda: recipe_for(data, data_root))
    if show:
        print_recipe(recipe, as_json)
        return
    return_freed_memory()
    use_device(device)
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.search.factorial_design import (
        create_factorial,
        factorial_folder,
        run_factorial,
    )
    from rexpand.search.workers import workers_for

    placed = crew.placed()
    factorial_folder(out).check_own()
    design = _design(
        network=network,
        macs=macs,
        fraction=fraction,
        seeds=seeds,
        data=data,
        resolution=resolution,
        train_subset=train_subset,
        tolerance=tolerance,
        recipe=recipe,
        data_root=data_root,
    )
    with factorial_folder(out).given_up_if_refused():
        design = create_factorial(design, out)
        with resumable(SAME_COMMAND), Bars() as bars:
            seen = StudyBars(bars)
            run_factorial(design, out, workers_for(placed, seen), seen, data_root)
    _leave(out, as_json)


def _design(
    *,
    network: str | None,
    macs: float | None,
    fraction: str,
    seeds: int,
    data: str,
    resolution: int | None,
    train_subset: int,
    tolerance: float,
    recipe: "Recipe",
    data_root: Path | None,
) -> "FactorialDesign":
    """The experiment that was asked for, with the networks of its cells."""
    from rexpand.advise.find import find_spec
    from rexpand.cost import cost_of
    from rexpand.data.dataset import check_subset
    from rexpand.data.load import load
    from rexpand.search.factorial import as_fraction
    from rexpand.search.factorial_cells import small_frame
    from rexpand.search.factorial_design import factorial_design
    from rexpand.spec import Source
    from rexpand.train import fitted

    source = Source.parse(network) if network else None
    frame = find_spec(source) if source else small_frame()
    dataset = load(
        data,
        root=data_root,
        resolution=resolution,
        file_resolution=source.stated_resolution if source else frame.side,
    )
    note_resized(data, dataset.train)
    check_subset(dataset, train_subset, held_out=recipe.validation)
    frame = fitted(frame, dataset)
    return factorial_design(
        frame,
        fraction=as_fraction(fraction),
        macs=int(macs or cost_of(frame).macs),
        tolerance=tolerance,
        seeds=seeds,
        recipe=recipe,
        data=data,
        train_subset=train_subset,
    )


def _leave(out: Path, as_json: bool) -> None:
    from rexpand.codec import to_document
    from rexpand.records import write_atomic
    from rexpand.report import write_factorial_report
    from rexpand.search.factorial_summary import summarise_factorial

    summary = summarise_factorial(out)
    write_atomic(out / "summary.json", to_document(summary))
    page = page_of(lambda: write_factorial_report(summary, out))
    if as_json:
        print_json({**asdict(summary), "report": page})
        return
    print_factorial(summary)
    print(f"wrote {page or out}")


def print_factorial(summary: "FactorialSummary") -> None:
    """The effects with their intervals, and how many seeds tell effects apart."""
    header = ["effect", "of", "points", "interval", "p"]
    rows = [_row(each) for each in summary.effects]
    if summary.defining_relation:
        print(f"defining relation: {summary.defining_relation}")
        header.append("confounded with")
        for row, each in zip(rows, summary.effects, strict=True):
            row.append(each.alias)
    print_table(header, rows)
    spread = summary.spread
    if spread is None:
        print("one seed gives no interval; give more --seeds")
        return
    print(
        f"spread between seeds within a cell: {spread.residual:.2f} points, "
        f"{spread.degrees_of_freedom} degrees of freedom"
    )
    for needed in summary.needed:
        print(
            f"to tell {needed.effect:g} points apart this design needs {needed.seeds} "
            f"seeds ({needed.low} to {needed.high})"
        )


def _row(found: "Effect") -> list[str]:
    from rexpand.report import formats

    written = [found.word, found.name, f"{found.effect:.2f}"]
    if found.low is None or found.high is None or found.p_value is None:
        written += ["-", "-"]
    else:
        written.append(f"{found.low:.2f} to {found.high:.2f}")
        written.append(formats.probability(found.p_value))
    return written
