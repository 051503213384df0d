"""`rexpand rank factors`: the factor analysis of the paper's Table 2."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import count, page_of, print_json, print_table
from rexpand.cli.device import Device, use_device
from rexpand.cli.forecast import Plan, expected, plan_document
from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Epochs, Json, Macs
from rexpand.cli.pace import duration
from rexpand.cli.places import page_folder
from rexpand.cli.recipe_options import RecipeOptions
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.cli.worker_options import WorkerOptions, takes_workers
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import IMAGES, SEEDS

if TYPE_CHECKING:
    from rexpand.records import FactorSummary
    from rexpand.search.factor_design import FactorDesign


@takes_workers
def factors(
    setting: Annotated[
        str,
        typer.Option(
            "--setting",
            metavar="SETTING",
            help="small (half an hour on two cores) or paper (the paper's size, for a "
            "GPU).",
        ),
    ] = "small",
    data: Annotated[
        str,
        typer.Option(
            "--data", metavar="DATA", help="A name from `rexpand data list`, or a path."
        ),
    ] = "cifar100",
    macs: Macs = None,
    seeds: Annotated[
        int | None,
        number(
            SEEDS, "--seeds", help="Trainings per network (default: the setting's)."
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            "--recipe",
            metavar="RECIPE",
            help="A recipe's name or a .toml file (default: the setting's).",
        ),
    ] = None,
    epochs: Epochs = None,
    train_subset: Annotated[
        int | None,
        number(
            IMAGES,
            "--train-subset",
            help="Use only N training images, 0: all (default: the setting's).",
        ),
    ] = None,
    data_root: DataRoot = None,
    device: Device = "auto",
    out: Annotated[
        Path,
        page_folder("--out", own=["factors.json"], help="The folder of the analysis."),
    ] = (Path("runs/factors")),
    planned: Plan = False,
    as_json: Json = False,
    *,
    crew: WorkerOptions,
) -> None:
    """Table 2: three changes to two bottlenecks at equal macs.

    Run the same command again to continue after a stop. Writes factors.json, the record
    of every training, summary.json, and report.html with its figures.
    """
    return_freed_memory()
    use_device(device)
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.search.factor_design import create_factors, factor_folder
    from rexpand.search.factors import run_factors
    from rexpand.search.workers import workers_for

    placed = crew.placed()
    factor_folder(out).check_own()
    design = _design(
        setting, data, macs, seeds, recipe, epochs, train_subset, data_root
    )
    if planned:
        _print_plans(design, data_root, as_json)
        return
    with factor_folder(out).given_up_if_refused():
        design = create_factors(design, out)
        with resumable(SAME_COMMAND), Bars() as bars:
            seen = StudyBars(bars)
            run_factors(design, out, workers_for(placed, seen), seen, data_root)
    _leave(out, as_json)


def _design(
    setting: str,
    data: str,
    macs: float | None,
    seeds: int | None,
    recipe: str | None,
    epochs: int | None,
    train_subset: int | None,
    data_root: Path | None,
) -> "FactorDesign":
    """The setting, with the options that the user gave."""
    from rexpand.data.dataset import check_subset
    from rexpand.data.load import load
    from rexpand.errors import UnknownNameError
    from rexpand.search.factor_design import FactorDesign, table_2
    from rexpand.search.factor_settings import FACTOR_SETTINGS
    from rexpand.search.factor_widths import Frame

    if setting not in FACTOR_SETTINGS:
        raise UnknownNameError(
            "setting", setting, FACTOR_SETTINGS, "choose from paper, small"
        )
    chosen = FACTOR_SETTINGS[setting]
    dataset = load(data, root=data_root)
    frame = Frame(
        resolution=dataset.resolution,
        in_channels=dataset.in_channels,
        num_classes=dataset.num_classes,
        stem_stride=chosen.stem_stride,
        penultimate=chosen.penultimate,
    )
    budget = int(macs or chosen.macs)
    asked = RecipeOptions(recipe=recipe, epochs=epochs)
    trained = asked.chosen(lambda: chosen.recipe)
    images = chosen.train_subset if train_subset is None else train_subset
    check_subset(dataset, images, held_out=trained.validation)
    return FactorDesign(
        setting=setting,
        data=data,
        macs=budget,
        seeds=seeds or chosen.seeds,
        recipe=replace(trained, nuclear_norm=True),
        cells=table_2(frame, budget),
        train_subset=images,
    )


def _print_plans(design: "FactorDesign", data_root: Path | None, as_json: bool) -> None:
    """What the trainings of every row are expected to take, one after the other."""
    from rexpand.data.dataset import with_train_subset
    from rexpand.data.load import load
    from rexpand.train import plan

    held_out = design.recipe.validation
    data = with_train_subset(
        load(design.data, root=data_root),
        design.train_subset,
        held_out=held_out,
        seed=0,
    )
    plans = {
        cell.factors.name: plan(cell.spec, design.recipe, data) for cell in design.cells
    }
    if as_json:
        print_json(
            {
                name: plan_document(found, design.seeds, "seeds")
                for name, found in plans.items()
            }
        )
        return
    for name, found in plans.items():
        print(f"{name}: {expected(found, design.seeds)}")
    total = sum(found.seconds for found in plans.values()) * design.seeds
    print(f"all of them, one at a time: {duration(total)}")


def _leave(out: Path, as_json: bool) -> None:
    from rexpand.codec import to_document
    from rexpand.records import write_atomic
    from rexpand.report import write_factor_report
    from rexpand.search.factor_summary import summarise_factors

    summary = summarise_factors(out)
    write_atomic(out / "summary.json", to_document(summary))
    page = page_of(lambda: write_factor_report(summary, out))
    if as_json:
        print_json({**asdict(summary), "report": page})
        return
    print_factors(summary)
    print(f"wrote {page or out}")


def print_factors(summary: "FactorSummary") -> None:
    """Table 2 with intervals, next to the paper's numbers."""
    from rexpand.report import formats

    rows = [
        [
            row.name,
            "-".join(map(str, (row.stem, *row.channels))),
            count(row.params),
            count(row.macs),
            formats.interval(row.accuracy, 2),
            formats.interval(row.accuracy_gain, 2) or "-",
            formats.interval(row.nuclear_norm, 0),
            formats.interval(row.effective_rank, 1),
            f"{row.published_accuracy} / {row.published_nuclear_norm}",
        ]
        for row in summary.rows
    ]
    header = (
        *("row", "widths", "params", "macs", "top-1 (%)", "gain"),
        *("nuclear norm", "effective rank", "paper's"),
    )
    print_table(header, rows)
