"""`rexpand search report` and `export`: what a study found."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.device import Device, use_device
from rexpand.cli.numbers import number
from rexpand.cli.objective_options import (
    Objectives,
    ReferencePoint,
    names_of,
    point_of,
)
from rexpand.cli.options import DataRoot, Epochs, Json
from rexpand.cli.places import output_file
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.ranges import TRIAL

if TYPE_CHECKING:
    from rexpand.data.dataset import DataSet
    from rexpand.recipe import Recipe
    from rexpand.records import Front, Record, StudySummary
    from rexpand.spec import NetworkSpec


class Which(StrEnum):
    """The trials that have names."""

    BEST = "best"
    KNEE = "knee"


Study = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")]


def report(
    study: Study,
    objectives: Objectives = None,
    reference: ReferencePoint = None,
    as_json: Json = False,
) -> None:
    """Print the groups and the front of a study, and write its page."""
    from rexpand.report import write_study_report
    from rexpand.search.summary import summarise

    names = names_of(objectives)
    summary = summarise(study, names, point_of(reference, names))
    files = write_study_report(summary, study)
    if as_json:
        print_json(study_document(summary, str(files.page)))
        return
    print_groups(summary)
    print_spending(summary)
    if summary.front is not None:
        print()
        print_front(summary.front)
    print(f"wrote {files.page}")


def export(
    study: Study,
    out: Annotated[
        Path, output_file("--out", help="Write the spec to this file.")
    ] = Path("net.toml"),
    trial: Annotated[
        int | None,
        number(TRIAL, "--trial", help="The number of a trial (default: see --which)."),
    ] = None,
    which: Annotated[
        Which,
        typer.Option(
            "--which",
            help="The most accurate trial, or that at the knee of the front of "
            "--objectives.",
        ),
    ] = Which.BEST,
    objectives: Objectives = None,
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
    as_json: Json = False,
) -> None:
    """Write the spec of the best trial or of another; train it if asked."""
    from rexpand.data.load import load
    from rexpand.memory import keep_freed_memory
    from rexpand.recipe import find_recipe
    from rexpand.records import write_atomic
    from rexpand.search.winner import knee_of, winner
    from rexpand.spec import network_to_toml

    keep_freed_memory()
    recipe = find_recipe(retrain) if retrain else None
    use_device(device)
    if trial is None and which is Which.KNEE:
        trial = knee_of(study, names_of(objectives))
    design, spec = winner(study, trial)
    data = None
    if recipe is not None:
        recipe = recipe.with_epochs(epochs) if epochs else recipe
        data = load(design.data, root=data_root, resolution=spec.side)
    write_atomic(out, network_to_toml(spec))
    if not as_json:
        print(f"wrote {out}: {_shown(spec)}")
    winner_folder = study / "winner"
    record = (
        _trained(spec, recipe, data, winner_folder)
        if recipe is not None and data is not None
        else None
    )
    if as_json:
        print_json(_exported(out, spec, record, winner_folder))
    elif record is not None:
        print(
            f"{record.accuracy:.2f} % on {record.evaluated_images:,} "
            f"{record.evaluated_on} images; wrote {winner_folder}"
        )


def _trained(
    spec: "NetworkSpec", recipe: "Recipe", data: "DataSet", folder: Path
) -> "Record":
    from rexpand.cli.progress import Bars, TrainingBar
    from rexpand.train import train

    with resumable(SAME_COMMAND), Bars() as bars:
        return train(
            spec, recipe, data, seed=0, folder=folder, progress=TrainingBar(bars)
        )


def _exported(
    file: Path, spec: "NetworkSpec", record: "Record | None", folder: Path
) -> dict[str, object]:
    """What `--json` prints: the spec, and the training where there was one."""
    from rexpand.cost import cost_of
    from rexpand.spec import network_to_dict

    cost = cost_of(spec)
    document = {
        "spec": network_to_dict(spec),
        "params": cost.params,
        "macs": cost.macs,
        "file": str(file),
    }
    if record is not None:
        document |= {
            "accuracy": record.accuracy,
            "evaluated_on": record.evaluated_on,
            "evaluated_images": record.evaluated_images,
            "folder": str(folder),
        }
    return document


def _shown(spec: "NetworkSpec") -> str:
    """Channels and cost; a search network is counted without the classifier it gets."""
    from rexpand.cost import cost_of

    cost = cost_of(spec)
    bare = "" if spec.num_classes else " without a classifier"
    return (
        f"{'-'.join(map(str, spec.channels))}, params {count(cost.params)}, macs "
        f"{count(cost.macs)}{bare}, {spec.resolution} pixels"
    )


def print_groups(summary: "StudySummary") -> None:
    """The paper's Table 3 for a study, which trials it is of if not of all, and failures."""
    from rexpand.report import failures_line, group_rows, sampler_finding

    if said := sampler_finding(summary):
        note(said)
    rows = [asdict(row) for row in group_rows(summary)]
    if rows:
        print_table([*rows[0]], ([*row.values()] for row in rows))
    if failures := failures_line(summary):
        note(failures)


def print_spending(summary: "StudySummary") -> None:
    """What short trainings tell, and what proxies do, in words."""
    from rexpand.report import proxy_findings, pruning_findings

    error, proxies = summary.ranking_error, summary.proxies
    for text in pruning_findings(error) if error else ():
        print(text)
    for text in proxy_findings(proxies) if proxies else ():
        print(text)


def print_front(front: "Front") -> None:
    """The trials of a front, its knee and its hypervolume."""
    from rexpand.report import front_findings, front_rows

    rows = [asdict(row) for row in front_rows(front)]
    print_table([*rows[0]], ([*row.values()] for row in rows))
    for text in front_findings(front):
        print(text)


def study_document(summary: "StudySummary", page: str | None) -> dict[str, object]:
    """What `--json` prints of a study."""
    return {**asdict(summary), "report": page}
