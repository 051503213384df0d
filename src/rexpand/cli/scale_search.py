"""`rexpand scale --search`: the bases of compound scaling, by training."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import count, note, note_resized, print_json, print_table
from rexpand.cli.numbers import number
from rexpand.cli.option_groups import spread
from rexpand.cli.options import Data, DataRoot, Epochs, RecipeName, TrainSubset
from rexpand.cli.places import output_folder, run_folder
from rexpand.cli.recipe_options import RecipeOptions
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.errors import MistakeError
from rexpand.ranges import SCALING_PARTS, SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from rexpand.records import ScalingSummary
    from rexpand.search.scaling import ScalingDesign
    from rexpand.search.workers import Placement
    from rexpand.spec import Source


@dataclass(frozen=True, kw_only=True)
class GridOptions:
    """What the command line says of the search for the bases."""

    search: Annotated[
        bool,
        typer.Option(
            "--search",
            help="Find the bases: train every network of a grid at --phi (default: 1) "
            "on --data, all of equal macs.",
        ),
    ] = False
    plan: Annotated[
        bool,
        typer.Option("--plan", help="With --search: show the grid and train nothing."),
    ] = False
    parts: Annotated[
        int,
        number(
            SCALING_PARTS,
            "--parts",
            help="With --search: share the doubling of the macs among the dimensions in "
            "N parts.",
        ),
    ] = 3
    data: Data = "digits"
    seeds: Annotated[
        int,
        number(
            SEEDS, "--seeds", help="Trainings per network; more may be asked later."
        ),
    ] = 3
    recipe: RecipeName = None
    epochs: Epochs = None
    train_subset: TrainSubset = 0
    data_root: DataRoot = None
    folder: Annotated[
        Path | None,
        output_folder(
            "--folder",
            help="The folder of the search (default: runs/scale-NETWORK-DATA).",
        ),
    ] = None


def takes_grid(verb: "Callable[..., None]") -> "Callable[..., None]":
    """The verb with those options where it has the parameter `grid`."""
    return spread(verb, "grid")


def searched(
    source: "Source", phi: float, grid: GridOptions, placed: "Placement", as_json: bool
) -> str | None:
    """Search, and show what was found; the winner as a spec file's text, if there is one.

    Raises MistakeError for a network or data that do not fit.
    """
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.search.scaling import (
        create_scaling,
        run_scaling,
        scaling_folder,
        summarise_scaling,
    )
    from rexpand.search.workers import workers_for
    from rexpand.spec import network_to_toml

    design = _design(source, phi, grid)
    folder = grid.folder or run_folder("scale", source.label, grid.data)
    if grid.plan:
        _show(summarise_scaling(design, folder), None, as_json)
        return None
    with scaling_folder(folder).given_up_if_refused():
        design = create_scaling(design, folder)
        with resumable(SAME_COMMAND), Bars() as bars:
            seen = StudyBars(bars)
            workers = workers_for(placed, seen)
            summary = run_scaling(design, folder, workers, seen, grid.data_root)
    _show(summary, folder, as_json)
    if summary.winner is None:
        return None
    return network_to_toml(design.candidates[summary.winner].spec)


def _design(source: "Source", phi: float, grid: GridOptions) -> "ScalingDesign":
    """The grid for the images and classes of the data."""
    from rexpand.data.catalogue import recipe_for
    from rexpand.data.dataset import check_subset
    from rexpand.data.load import load
    from rexpand.search.scaling import ScalingDesign, scaling_candidates
    from rexpand.spec import scalable

    if phi <= 0:
        raise MistakeError(
            f"--phi is {phi:g}; the search compares larger networks: give more than 0"
        )
    scalable(source)  # before any data is read
    asked = RecipeOptions(recipe=grid.recipe, epochs=grid.epochs)
    recipe = asked.chosen(lambda: recipe_for(grid.data, grid.data_root))
    data = load(
        grid.data, root=grid.data_root, file_resolution=source.stated_resolution
    )
    note_resized(grid.data, data.train)
    check_subset(data, grid.train_subset, held_out=recipe.validation)
    controls = replace(
        source.controls,
        resolution=source.stated_resolution or data.resolution,
        in_channels=data.in_channels,
        num_classes=data.num_classes,
    )
    base = scalable(replace(source, controls=controls))
    macs, candidates = scaling_candidates(base, phi, grid.parts)
    return ScalingDesign(
        network=source.label,
        phi=phi,
        macs=macs,
        candidates=candidates,
        recipe=recipe,
        data=grid.data,
        seeds=grid.seeds,
        train_subset=grid.train_subset,
    )


def _show(summary: "ScalingSummary", folder: Path | None, as_json: bool) -> None:
    if as_json:
        place = None if folder is None else str(folder)
        print_json({**asdict(summary), "ties": summary.ties, "folder": place})
        return
    print_table(
        (
            *("alpha", "beta", "gamma", "depth", "width", "pixels", "params", "macs"),
            *("top-1 (%)", "behind the winner"),
        ),
        (
            _cells(row, place == summary.winner)
            for place, row in enumerate(summary.rows)
        ),
    )
    print(_said(summary))
    if folder is not None:
        note(f"wrote {folder}")


def _cells(row: Any, is_winner: bool) -> list[object]:
    from rexpand.report import formats

    return [
        *(f"{base:.3f}" for base in (row.alpha, row.beta, row.gamma)),
        f"x{row.depth_mult:.3g}",
        f"x{row.width_mult:.3g}",
        row.resolution,
        count(row.params),
        count(row.macs),
        formats.interval(row.accuracy, 2) or "-",
        "winner" if is_winner else formats.interval(row.behind, 2) or "-",
    ]


def _said(summary: "ScalingSummary") -> str:
    """What was found, or what would be trained."""
    from rexpand.report import formats

    trainings = len(summary.rows) * summary.seeds
    if summary.winner is None:
        return (
            f"{len(summary.rows)} networks of at most {count(summary.macs)} macs, "
            f"{formats.plural(trainings, 'training')} on {summary.data}"
        )
    best, others = summary.rows[summary.winner], len(summary.rows) - 1
    return (
        f"winner: alpha {best.alpha:.3f}, beta {best.beta:.3f}, gamma {best.gamma:.3f}, "
        f"{formats.interval(best.accuracy, 2)} % over "
        f"{formats.plural(len(best.accuracies), 'seed')}; not told apart from "
        f"{summary.ties} of the other {others} (95 % intervals of the differences, seed "
        "by seed)"
    )
