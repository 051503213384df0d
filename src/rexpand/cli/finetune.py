"""`rexpand finetune`: a network with weights, fitted to other data."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import page_of, print_json, print_table
from rexpand.cli.device import Device, use_device
from rexpand.cli.forecast import Plan, print_plan
from rexpand.cli.numbers import Number, number
from rexpand.cli.options import (
    AllowChange,
    Data,
    DataRoot,
    FeedAt,
    Json,
    Network,
    Pretrained,
    TrainSubset,
)
from rexpand.cli.places import page_folder, run_folder
from rexpand.cli.recipe_options import RecipeOptions, Show, print_recipe, takes_recipe
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.cli.worker_options import WorkerOptions, takes_workers
from rexpand.ranges import IMAGES, LEARNING_RATE, SEEDS

if TYPE_CHECKING:
    from rexpand.records import FineTuningSummary


@takes_workers
@takes_recipe
def finetune(
    asked: RecipeOptions,
    network: Network,
    data: Data = "digits",
    resolution: FeedAt = None,
    show: Show = False,
    pretrained: Pretrained = False,
    from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch",
            help="Begin with fresh weights, to see what the trained ones are worth.",
        ),
    ] = False,
    lr_grid: Annotated[
        str | None,
        typer.Option(
            "--lr-grid",
            metavar="LIST",
            help="Learning rates to choose from, e.g. 0.003,0.01,0.03; a single one is "
            "taken as it is (default: five around the recipe's).",
        ),
    ] = None,
    held_out: Annotated[
        int,
        number(
            IMAGES,
            "--held-out",
            help="Training images held out to choose the rate (0: a fifth).",
        ),
    ] = 0,
    grid_seeds: Annotated[
        int, number(SEEDS, "--grid-seeds", help="Trainings per rate of the grid.")
    ] = 1,
    seeds: Annotated[
        int,
        number(SEEDS, "--seeds", help="Trainings at the chosen rate, on all images."),
    ] = 5,
    train_subset: TrainSubset = 0,
    data_root: DataRoot = None,
    device: Device = "auto",
    allow_change: AllowChange = False,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["finetuning.json", "seed-0"],
            help="The run folder (default: runs/finetune-NETWORK-DATA).",
        ),
    ] = None,
    planned: Plan = False,
    as_json: Json = False,
    *,
    crew: WorkerOptions,
) -> None:
    """Fit a network with weights to a data set.

    Each learning rate of a grid is tried, and held-out training images choose one. Then
    every seed is trained at that rate on all training images, and the test images judge
    it after its last epoch.

    Run the same command again to continue after a stop. Writes the record and the weights
    of every training, summary.json, and report.html with its figures.
    """
    from rexpand.memory import keep_freed_memory
    from rexpand.transfer import finetuning_recipe

    recipe = asked.chosen(lambda: finetuning_recipe(data, data_root))
    if show:
        print_recipe(recipe, as_json)
        return
    rates = _rates(lr_grid)
    placed = crew.placed()
    if placed.is_this_process:
        keep_freed_memory()
    use_device(device)
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.search.workers import workers_for
    from rexpand.spec import Source
    from rexpand.train import start_pretrained
    from rexpand.transfer import (
        create_finetuning,
        design_finetuning,
        finetuning_folder,
        plan_finetuning,
        run_finetuning,
    )

    source = Source.parse(network)
    design, start = design_finetuning(
        source,
        recipe,
        data,
        start=start_pretrained(source, resolution) if pretrained else None,
        from_scratch=from_scratch,
        rates=rates,
        held_out=held_out,
        seeds=seeds,
        grid_seeds=grid_seeds,
        resolution=resolution,
        train_subset=train_subset,
        data_root=data_root,
    )
    if planned:
        forecast = plan_finetuning(design, start, data_root)
        print_plan(forecast, design.trainings, as_json, "trainings")
        return
    folder = out or run_folder("finetune", design.spec.name, Path(data).stem)
    with finetuning_folder(folder).given_up_if_refused():
        design = create_finetuning(design, start, folder, allow_change=allow_change)
        with resumable(SAME_COMMAND), Bars() as bars:
            seen = StudyBars(bars)
            summary = run_finetuning(
                design, folder, lambda: workers_for(placed, seen), seen, data_root
            )
    _leave(summary, folder, as_json)


def _rates(text: str | None) -> tuple[float, ...]:
    """The rates of a list, the lowest first; none without a list."""
    if text is None:
        return ()
    rate = Number(allowed=LEARNING_RATE)
    try:
        return tuple(sorted({rate(part.strip()) for part in text.split(",")}))
    except typer.BadParameter as mistake:
        raise typer.BadParameter(str(mistake), param_hint="--lr-grid") from mistake


def _leave(summary: "FineTuningSummary", folder: Path, as_json: bool) -> None:
    """The page, and what was found."""
    from rexpand.report import write_finetuning_report

    page = page_of(lambda: write_finetuning_report(summary, folder))
    if as_json:
        print_json({**asdict(summary), "folder": str(folder), "report": page})
        return
    if summary.grid:
        _show_grid(summary)
    print(written(summary))
    print(f"started from {summary.started_from or 'fresh weights'}")
    print(f"wrote {folder}")


def _show_grid(summary: "FineTuningSummary") -> None:
    from statistics import mean

    rows = [
        [
            f"{tried.learning_rate:g}",
            f"{mean(tried.accuracies):.2f}" if tried.accuracies else "-",
            f"{mean(tried.losses):.4f}" if tried.losses else "-",
            "chosen" if tried.learning_rate == summary.learning_rate else "",
        ]
        for tried in summary.grid
    ]
    print_table(
        ("learning rate", f"on {summary.held_out} held out (%)", "loss", ""), rows
    )
    if summary.is_at_the_edge:
        print("the chosen rate is an end of the grid; one beyond it may be better")


def written(summary: "FineTuningSummary") -> str:
    """The accuracy on the test images as mean, interval and number of seeds."""
    found = summary.accuracy
    assert found is not None  # every seed is finished
    where = f"{summary.network} on {summary.data}"
    count = f"{summary.evaluated_images:,} test images"
    if found.low is None or found.high is None:
        return f"{where}: {found.mean:.2f} %, 1 seed, {count}"
    return (
        f"{where}: {found.mean:.2f} % ({100 * summary.confidence:.0f} % interval "
        f"{found.low:.2f} to {found.high:.2f}), {found.count} seeds, {count}"
    )
