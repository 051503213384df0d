"""`rexpand train`: classification, and below it `rexpand train factors`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli import train_factors
from rexpand.cli.console import note, note_converted, note_resized
from rexpand.cli.device import Device, use_device
from rexpand.cli.forecast import Plan, print_plan
from rexpand.cli.networks import network_argument
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    AllowChange,
    CheckpointEvery,
    Data,
    DataRoot,
    FeedAt,
    Json,
    Pretrained,
    TrainSubset,
)
from rexpand.cli.places import page_folder, run_folder
from rexpand.cli.recipe_options import RecipeOptions, Show, print_recipe, takes_recipe
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.cli.tracking import Track, check_trackers, followed
from rexpand.cli.trained import leave_reports, print_records
from rexpand.cli.verb_group import VerbGroup
from rexpand.launch import launched
from rexpand.ranges import SEEDS

if TYPE_CHECKING:
    from rexpand.data.dataset import DataSet


@takes_recipe
def train(
    asked: RecipeOptions,
    network: Annotated[
        str | None,
        network_argument(verbs=("factors",)),
    ] = None,
    data: Data = "digits",
    resolution: FeedAt = None,
    show: Show = False,
    pretrained: Pretrained = False,
    seeds: Annotated[
        int,
        number(SEEDS, "--seeds", help="Train N times, with seeds 0 to N - 1."),
    ] = 1,
    train_subset: TrainSubset = 0,
    watch_rank: Annotated[
        bool,
        typer.Option(
            "--watch-rank",
            help="Record the rank of every block after each epoch; warn of a collapse.",
        ),
    ] = False,
    data_root: DataRoot = None,
    device: Device = "auto",
    checkpoint_every: CheckpointEvery = "10m",
    allow_change: AllowChange = False,
    track: Track = None,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out corrupt image files.")
    ] = False,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["seed-0"],
            help="The run folder (default: runs/train-NETWORK-DATA).",
        ),
    ] = None,
    planned: Plan = False,
    as_json: Json = False,
) -> None:
    """Train a network, from its weights if NETWORK names any.

    A module of your own is read as a spec, and starts from fresh weights unless @FILE
    names some.

    Run the same command again to continue after a stop. Each seed writes
    network.safetensors, record.json and report.html to seed-N/; several seeds also
    write one report.html over all.
    """
    from rexpand.advise.find import find_start
    from rexpand.cli.progress import Bars, TrainingBar
    from rexpand.data.catalogue import recipe_for
    from rexpand.data.dataset import with_train_subset
    from rexpand.data.load import load
    from rexpand.memory import keep_freed_memory
    from rexpand.spec import Source
    from rexpand.train import Interval, plan, start_pretrained
    from rexpand.train import train as train_network
    from rexpand.train.tracking import NETWORK_TRAINING

    chosen = asked.chosen(lambda: recipe_for(data, data_root))
    chosen = chosen.with_watch() if watch_rank else chosen
    if show:
        print_recipe(chosen, as_json)
        return
    if network is None:
        raise typer.BadParameter("give one, such as search_18", param_hint="NETWORK")
    interval = Interval.parse(checkpoint_every)
    check_trackers(track)
    keep_freed_memory()
    use_device(device)
    source = Source.parse(network)
    theirs = start_pretrained(source, resolution) if pretrained else None
    spec, start = (
        (theirs.network.spec, theirs) if theirs else find_start(source, resolution)
    )
    dataset = load(
        data,
        root=data_root,
        on_corrupt="skip" if skip_corrupt else "fail",
        resolution=resolution,
        file_resolution=source.stated_resolution,
    )
    note_resized(data, dataset.train)
    _note_left_out(dataset)
    dataset = with_train_subset(
        dataset, train_subset, held_out=chosen.validation, seed=0
    )
    if planned:
        print_plan(plan(spec, chosen, dataset, start=start), seeds, as_json)
        return
    folder = out or run_folder("train", spec.name, dataset.name)
    with resumable(SAME_COMMAND), Bars() as bars:
        bar = TrainingBar(bars, trainings=seeds)
        records = [
            train_network(
                spec,
                chosen,
                dataset,
                seed=seed,
                folder=folder / f"seed-{seed}",
                start=start,
                progress=followed(
                    bar, track, folder / f"seed-{seed}", NETWORK_TRAINING
                ),
                checkpoint_every=interval,
                allow_change=allow_change,
            )
            for seed in range(seeds)
        ]
    note_converted(dataset.train, dataset.test)
    if launched().is_main:
        leave_reports(records, folder)
    print_records(records, folder, as_json)


def _note_left_out(dataset: "DataSet") -> None:
    """Lines for the person on what is in the folders of images and is not trained on."""
    for file in dataset.skipped:
        note(f"skipped {file}: it is corrupt")
    if dataset.no_files:
        note(
            f"{len(dataset.no_files)} pipes, devices or dead links are no images: "
            f"{dataset.no_files[0]} is the first"
        )


app = typer.Typer(cls=VerbGroup, callback=train, invoke_without_command=True)
app.command("factors")(train_factors.factors)
