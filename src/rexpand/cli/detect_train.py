"""`rexpand detect train`: a detector on a backbone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note, page_of
from rexpand.cli.detect_options import (
    AnnotatedData,
    DetectionRecipeOptions,
    DetectorName,
    FeatureName,
    NormName,
    SkipDefects,
)
from rexpand.cli.detect_trained import print_record
from rexpand.cli.device import Device, use_device
from rexpand.cli.forecast import Plan, print_plan
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    AllowChange,
    CheckpointEvery,
    DataRoot,
    Json,
    OptionalNetwork,
)
from rexpand.cli.places import page_folder, run_folder
from rexpand.cli.recipe_options import Show, print_recipe, takes_recipe
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.cli.tracking import Track, check_trackers, followed
from rexpand.launch import launched
from rexpand.ranges import RESOLUTION, SEED

if TYPE_CHECKING:
    from rexpand.data.detection import DetectionData


@takes_recipe
def train(
    asked: DetectionRecipeOptions,
    network: OptionalNetwork = None,
    detector: Annotated[
        DetectorName, typer.Option("--detector", help="Which detector.")
    ] = DetectorName.SSDLITE,
    data: AnnotatedData = None,
    resolution: Annotated[
        int | None,
        number(
            RESOLUTION,
            "--resolution",
            help="Pixels: the side of the images of SSDLite (default: 320), the shorter "
            "side of the others (default: 800).",
        ),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(
            "--levels",
            metavar="LIST",
            help="Maps of the backbone by stride or name, e.g. 8,16,32 (default: the "
            "detector's own).",
        ),
    ] = None,
    feature: Annotated[
        FeatureName | None,
        typer.Option(
            "--feature",
            help="The map of a stride after its last block, or after the expansion that "
            "leaves it.",
        ),
    ] = None,
    norm: Annotated[
        NormName | None,
        typer.Option(
            "--norm",
            help="The backbone's batch norms learn, are frozen, or see the images of all "
            "processes (default: batch; frozen under R-CNN with weights).",
        ),
    ] = None,
    detector_sets: Annotated[
        list[str] | None,
        typer.Option(
            "--detector-set",
            metavar="FIELD=VALUE",
            help="Change a field of the detector, e.g. fpn_width=128; may be repeated.",
        ),
    ] = None,
    show: Show = False,
    seed: Annotated[int, number(SEED, "--seed", help="Seed of the training.")] = 0,
    skip_defects: SkipDefects = False,
    data_root: DataRoot = None,
    device: Device = "auto",
    checkpoint_every: CheckpointEvery = "10m",
    allow_change: AllowChange = False,
    track: Track = None,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["detection.json"],
            help="The run folder (default: runs/detect-DETECTOR-NETWORK-DATA).",
        ),
    ] = None,
    planned: Plan = False,
    as_json: Json = False,
) -> None:
    """Train a detector on a network.

    The backbone begins with the weights that NETWORK names, if it does. Run the same
    command again to continue after a stop. Writes detector.safetensors and record.json.
    """
    recipe = asked.chosen()
    if show:
        print_recipe(recipe, as_json)
        return
    if network is None:
        raise typer.BadParameter(
            "give one, such as mobilenetv2_050", param_hint="NETWORK"
        )
    if data is None:
        raise typer.BadParameter("give the folder", param_hint="--data")
    from rexpand.memory import keep_freed_memory
    from rexpand.recipe import Change
    from rexpand.spec import Source

    changes = [Change.parse(text) for text in detector_sets or ()]
    source = Source.parse(network)
    check_trackers(track)
    keep_freed_memory()
    use_device(device)
    import torch

    from rexpand.cli.progress import Bars, TrainingBar
    from rexpand.data.detection import load_detection
    from rexpand.records import detection_mistakes_of
    from rexpand.report import result_of, write_detection_report
    from rexpand.train import Interval
    from rexpand.transfer.detection import (
        DetectorAsked,
        detector_on,
        plan_detector,
        train_detector,
    )
    from rexpand.transfer.detection.metrics import DETECTOR_TRAINING

    interval = Interval.parse(checkpoint_every)
    images = load_detection(
        data, root=data_root, on_defect="skip" if skip_defects else "fail"
    )
    _note_images(images)
    if recipe.frozen_levels and not source.has_weights:
        note(f"{source.label} has no weights, and frozen_levels keeps those it draws")
    torch.manual_seed(seed)
    built = detector_on(
        source,
        DetectorAsked(
            detector=detector.value,
            resolution=resolution,
            levels=_levels(levels),
            feature=feature.value if feature else None,
            norm=norm.value if norm else None,
            changes=changes,
        ),
        len(images.class_names),
    )
    if planned:
        print_plan(plan_detector(built, images, recipe), 1, as_json)
        return
    folder = out or run_folder("detect", detector.value, source.label, images.name)
    with resumable(SAME_COMMAND), Bars() as bars:
        record = train_detector(
            built,
            images,
            recipe,
            seed=seed,
            folder=folder,
            started_from=str(source) if source.has_weights else None,
            progress=followed(TrainingBar(bars), track, folder, DETECTOR_TRAINING),
            checkpoint_every=interval,
            allow_change=allow_change,
        )
    if launched().is_main:
        result = result_of(record, detection_mistakes_of(folder))
        page_of(lambda: write_detection_report(result, folder))
    print_record(record, folder, as_json)


def _levels(text: str | None) -> list[str | int]:
    """The strides and names of a list."""
    names = [each.strip() for each in (text or "").split(",") if each.strip()]
    return [int(name) if name.isdecimal() else name for name in names]


def _note_images(images: "DetectionData") -> None:
    """Lines for the person on what is held out, and what was left out."""
    if images.is_parted_by_seed:
        note(
            f"no file of {images.name} says what is held out; "
            f"{len(images.held_out):,} images are, drawn by seed 0"
        )
    left_out = [defect for defect in images.defects if defect.stops]
    if left_out:
        note(
            f"{len(left_out):,} defects of {images.name} are left out, the first: "
            f"{left_out[0]}"
        )
    kind = "class without training objects"
    absent = [defect for defect in images.defects if defect.kind == kind]
    if absent:
        note(
            f"{len(absent):,} classes of {images.name} are judged and not trained, the "
            f"first: {absent[0]}"
        )
