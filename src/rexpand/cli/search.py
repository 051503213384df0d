"""`rexpand search`: the search of the paper."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import (
    count,
    help_if_alone,
    note,
    note_resized,
    print_json,
    print_table,
)
from rexpand.cli.device import Device, use_device
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    Data,
    DataRoot,
    Epochs,
    FeedAt,
    Jobs,
    Json,
    Macs,
    MultipleOf,
    Params,
    TrainSubset,
    bounded,
)
from rexpand.cli.places import output_file, page_folder
from rexpand.cli.recipe_options import RecipeOptions, Show, print_recipe, takes_recipe
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import SEED, SEEDS, SHARE, TRIAL, TRIALS

if TYPE_CHECKING:
    from rexpand.records import StudySummary
    from rexpand.spec import NetworkSpec

app = typer.Typer(
    help="Search the channels of a network within a budget.",
    invoke_without_command=True,
    callback=help_if_alone,
)
Study = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")]


@app.command()
@takes_recipe
def run(
    asked: RecipeOptions,
    macs: Macs = None,
    params: Params = None,
    network: Annotated[
        str,
        typer.Option(
            "--network",
            metavar="NETWORK",
            help="A name from `rexpand list`, optionally with :control=value,...; a spec "
            "file; or a module that reads back as a spec: timm:NAME, torchvision:NAME or "
            "package.module:factory.",
        ),
    ] = "search_18",
    data: Data = "digits",
    resolution: FeedAt = None,
    trials: Annotated[
        int, number(TRIALS, "--trials", help="Configurations to train.")
    ] = 100,
    seeds: Annotated[
        int, number(SEEDS, "--seeds", help="Trainings per configuration.")
    ] = 3,
    show: Show = False,
    train_subset: TrainSubset = 0,
    seed: Annotated[
        int, number(SEED, "--seed", help="Seed of the random configurations.")
    ] = 0,
    slack: Annotated[
        float,
        number(
            SHARE,
            "--slack",
            help="With both bounds, how far the looser one may be under-used; 0.05 is "
            "5 %.",
        ),
    ] = 0.05,
    multiple_of: MultipleOf = 1,
    prune: Annotated[
        bool,
        typer.Option(
            "--prune", help="Stop trials whose accuracy falls below the median."
        ),
    ] = False,
    jobs: Jobs = 1,
    data_root: DataRoot = None,
    device: Device = "auto",
    out: Annotated[
        Path, page_folder("--out", own=["study.json"], help="The study's folder.")
    ] = Path("runs/search"),
) -> None:
    """Start a study, or continue it after a stop.

    Give --macs and/or --params, e.g. --macs 30M. Images held out of the training set
    judge the trials: as many as the recipe says, else a tenth. Test images never do.
    """
    return_freed_memory()
    use_device(device)
    from rexpand.advise.find import find_spec
    from rexpand.data.catalogue import search_recipe_for
    from rexpand.data.load import load
    from rexpand.search.design import create_study, holding_out, study_folder
    from rexpand.search.studies import design_study
    from rexpand.spec import Source

    study_folder(out).check_own()
    chosen = asked.chosen(lambda: search_recipe_for(data, data_root))
    if show:
        images = load(data, root=data_root)
        print_recipe(holding_out(chosen, images), as_json=False)
        return
    source = Source.parse(network)
    is_read = source.is_foreign and source.weights is None
    design, images = design_study(
        find_spec(source) if is_read else source,
        bounded(macs, params),
        data=data,
        trials=trials,
        seeds=seeds,
        recipe=chosen,
        resolution=resolution,
        train_subset=train_subset,
        sampling_seed=seed,
        multiple_of=multiple_of,
        slack=slack,
        pruning=prune,
        data_root=data_root,
    )
    note_resized(data, images.train)
    with study_folder(out).given_up_if_refused():
        create_study(design, out)
        note(
            f"{design.recipe.validation:,} training images are held out to judge the trials; "
            f"images of {design.spec.resolution} pixels"
        )
        _search(out, jobs, data_root)


@app.command()
def resume(
    study: Study,
    trials: Annotated[
        int | None,
        number(
            TRIALS,
            "--trials",
            metavar="N",
            help="Extend the study to N configurations; the first ones stay.",
        ),
    ] = None,
    jobs: Jobs = 1,
    data_root: DataRoot = None,
    device: Device = "auto",
) -> None:
    """Continue a study that was stopped or killed, or extend it."""
    return_freed_memory()
    use_device(device)
    if trials is not None:
        from rexpand.search.design import extend_study

        extend_study(study, trials)
    _search(study, jobs, data_root)


@app.command()
def report(study: Study, as_json: Json = False) -> None:
    """Print the groups of a study; write report.html and figures."""
    from rexpand.report import write_study_report
    from rexpand.search.summary import summarise

    summary = summarise(study)
    files = write_study_report(summary, study)
    if as_json:
        print_json(_document(summary, files.page))
        return
    print_groups(summary)
    print(f"wrote {files.page}")


@app.command()
def export(
    study: Study,
    out: Annotated[
        Path, output_file("--out", help="Write the spec to this file.")
    ] = Path("net.toml"),
    trial: Annotated[
        int | None,
        number(
            TRIAL, "--trial", help="The number of a trial (default: the best trial)."
        ),
    ] = None,
    retrain: Annotated[
        str | None,
        typer.Option(
            "--retrain",
            metavar="RECIPE",
            help="Also train it from fresh weights by this recipe, without the study's "
            "--train-subset, into STUDY/winner.",
        ),
    ] = None,
    epochs: Epochs = None,
    data_root: DataRoot = None,
    device: Device = "auto",
) -> None:
    """Write the spec of the best trial, and optionally train it."""
    from rexpand.cli.progress import Bars, TrainingBar
    from rexpand.data.load import load
    from rexpand.memory import keep_freed_memory
    from rexpand.recipe import find_recipe
    from rexpand.records import write_atomic
    from rexpand.search.summary import winner
    from rexpand.spec import network_to_toml
    from rexpand.train import train as train_network

    keep_freed_memory()
    recipe = find_recipe(retrain) if retrain else None
    use_device(device)
    design, spec = winner(study, trial)
    data = None
    if recipe is not None:
        recipe = recipe.with_epochs(epochs) if epochs else recipe
        data = load(design.data, root=data_root, resolution=spec.resolution)
    write_atomic(out, network_to_toml(spec))
    print(f"wrote {out}: {_shown(spec)}")
    if recipe is None or data is None:
        return
    with resumable(SAME_COMMAND), Bars() as bars:
        record = train_network(
            spec,
            recipe,
            data,
            seed=0,
            folder=study / "winner",
            progress=TrainingBar(bars),
        )
    print(
        f"{record.accuracy:.2f} % on {record.evaluated_images:,} {record.evaluated_on} "
        f"images; wrote {study / 'winner'}"
    )


def _shown(spec: "NetworkSpec") -> str:
    """Channels and cost; a search network is counted without the classifier it gets."""
    from rexpand.cost import cost_of

    cost = cost_of(spec)
    bare = "" if spec.num_classes else " without a classifier"
    return (
        f"{'-'.join(map(str, spec.channels))}, params {count(cost.params)}, macs "
        f"{count(cost.macs)}{bare}, {spec.resolution} pixels"
    )


def _search(folder: Path, jobs: int, data_root: Path | None) -> None:
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.report import write_study_report
    from rexpand.search.design import read_study
    from rexpand.search.driver import search
    from rexpand.search.summary import summarise
    from rexpand.search.workers import workers_for

    design = read_study(folder)
    with resumable(f"to continue: rexpand search resume {folder}"), Bars() as bars:
        seen = StudyBars(bars)
        search(design, folder, workers_for(jobs, seen), seen, data_root)
    summary = summarise(folder)
    print_groups(summary)
    print(f"wrote {write_study_report(summary, folder).page}")


def print_groups(summary: "StudySummary") -> None:
    """The paper's Table 3 for a study."""
    from rexpand.report import group_rows

    rows = [asdict(row) for row in group_rows(summary)]
    if rows:
        print_table([*rows[0]], ([*row.values()] for row in rows))


def _document(summary: "StudySummary", page: Path) -> dict[str, object]:
    return {**asdict(summary), "report": str(page)}
