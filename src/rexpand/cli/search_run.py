"""`rexpand search run` and `resume`: trials are trained until there are enough."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import note, page_of, print_json
from rexpand.cli.device import Device, use_device
from rexpand.cli.measure_options import MaxLatencyMs, MeasuredUnder
from rexpand.cli.networks import network_option
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    Activations,
    Data,
    DataRoot,
    FeedAt,
    Json,
    LatencyMs,
    LatencyTableFile,
    Macs,
    MemoryAccess,
    MultipleOf,
    Params,
    TrainSubset,
    bounded,
)
from rexpand.cli.places import page_folder
from rexpand.cli.pruning_options import Prune, PruningName
from rexpand.cli.recipe_options import RecipeOptions, Show, takes_recipe
from rexpand.cli.sampling_options import SamplingOptions, takes_sampling
from rexpand.cli.search_design import (
    DetectorOptions,
    StudyAsked,
    print_recipe_of,
    takes_detector,
)
from rexpand.cli.search_measure import check_unmeasured, clock_of, measured
from rexpand.cli.search_plan import note_prediction, print_study_plan
from rexpand.cli.search_study import Study, print_groups, study_document
from rexpand.cli.stopping import resumable
from rexpand.cli.storage_options import LEASE_SECONDS, Lease, RetryFailed, Storage
from rexpand.cli.worker_options import WorkerOptions, takes_workers
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import SEEDS, TRIALS

if TYPE_CHECKING:
    from rexpand.search.design import StudyDesign
    from rexpand.search.trainer import Trainer
    from rexpand.search.workers import Placement


@takes_workers
@takes_sampling
@takes_detector
@takes_recipe
def run(
    asked: RecipeOptions,
    macs: Macs = None,
    params: Params = None,
    activations: Activations = None,
    memory_access: MemoryAccess = None,
    latency_ms: LatencyMs = None,
    latency_table: LatencyTableFile = None,
    measure: MeasuredUnder = None,
    max_latency_ms: MaxLatencyMs = None,
    network: Annotated[
        str,
        network_option(
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
    multiple_of: MultipleOf = 1,
    planned: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Show what would be drawn of each shape, how long the study would take "
            "and what it takes to tell a difference, and end.",
        ),
    ] = False,
    prune: Prune = PruningName.NONE,
    storage: Storage = None,
    lease: Lease = LEASE_SECONDS,
    data_root: DataRoot = None,
    device: Device = "auto",
    out: Annotated[
        Path, page_folder("--out", own=["study.json"], help="The study's folder.")
    ] = Path("runs/search"),
    as_json: Json = False,
    *,
    detection: DetectorOptions,
    sampling: SamplingOptions,
    crew: WorkerOptions,
) -> None:
    """Start a study, or continue it after a stop.

    Give --macs and/or --params, e.g. --macs 30M, and/or --latency-ms with a table of
    `rexpand bench blocks`: then every trial has a predicted latency. Images held out of the training set
    judge the trials: as many as the recipe says, else a tenth. Test images never do.
    With --detector trials are detectors, ranked by the box AP on a fifth of the training images.
    """
    return_freed_memory()
    use_device(device)
    from rexpand.budget import explained
    from rexpand.search.address import agreed_address
    from rexpand.search.design import create_study, study_folder

    placed = crew.placed()
    if detection.detector is None:
        detection.check_alone()
    else:
        check_unmeasured(measure, max_latency_ms)
    clock = clock_of(measure, max_latency_ms)
    study_folder(out).check_own()
    if storage is not None:
        agreed_address(storage, out)
    if show:
        print_recipe_of(asked, detection, data, data_root, as_json)
        return
    design = StudyAsked(
        network=network,
        data=data,
        budget=bounded(
            macs,
            params,
            latency_ms,
            latency_table,
            activations=activations,
            memory_access=memory_access,
        ),
        resolution=resolution,
        trials=trials,
        seeds=seeds,
        recipe=asked,
        detection=detection,
        train_subset=train_subset,
        multiple_of=multiple_of,
        pruning=prune.value,
        data_root=data_root,
        sampling=sampling,
    ).design()
    if planned:
        trainer = trainer_of(design)
        print_study_plan(design, out, placed, data_root, trainer, as_json)
        return
    with study_folder(out).given_up_if_refused():
        if lacking := create_study(design, out, storage).shortfalls:
            note(explained(lacking))
        note(
            f"{design.recipe.validation:,} training images are held out to judge the trials; "
            f"images of {design.budget.resolution(design.spec)} pixels"
        )
        if clock is not None:
            measured(out, *clock)
        _search(out, placed, lease, data_root, as_json)


@takes_workers
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
    retry_failed: RetryFailed = False,
    lease: Lease = LEASE_SECONDS,
    data_root: DataRoot = None,
    device: Device = "auto",
    as_json: Json = False,
    *,
    crew: WorkerOptions,
) -> None:
    """Continue a study that was stopped or killed, or extend it."""
    return_freed_memory()
    use_device(device)
    placed = crew.placed()
    if trials is not None:
        from rexpand.search.design import extend_study

        extend_study(study, trials)
    _search(study, placed, lease, data_root, as_json, retry_failed=retry_failed)


def _search(
    folder: Path,
    placed: "Placement",
    lease: float,
    data_root: Path | None,
    as_json: bool,
    *,
    retry_failed: bool = False,
) -> None:
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.records.study import measure_of
    from rexpand.report import write_study_report
    from rexpand.search.design import read_study
    from rexpand.search.driver import search
    from rexpand.search.summary import summarise
    from rexpand.search.workers import workers_of

    design = read_study(folder)
    with resumable(f"to continue: rexpand search resume {folder}"), Bars() as bars:
        trainer = trainer_of(design)
        note_prediction(design, folder, placed, data_root, trainer)
        seen = StudyBars(bars, measure=measure_of(design.recipe))
        workers = workers_of(trainer, placed, seen)
        search(
            *(design, folder, workers, seen, data_root),
            lease=lease,
            retry_failed=retry_failed,
        )
    summary = summarise(folder)
    page = page_of(lambda: write_study_report(summary, folder))
    if as_json:
        print_json(study_document(summary, page))
        return
    print_groups(summary)
    print(f"wrote {page or folder}")


def trainer_of(design: "StudyDesign") -> "Trainer[Any]":
    """Who trains the trials of a study."""
    if design.detector is None:
        from rexpand.search.worker import NETWORKS

        return NETWORKS
    from rexpand.transfer.detection.trials import DETECTORS

    return DETECTORS
