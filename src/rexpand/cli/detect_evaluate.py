"""`rexpand detect evaluate`: COCO's measures of a trained detector."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note, page_of, print_json, print_table
from rexpand.cli.detect_options import AnnotatedData, Part, PartName, SkipDefects
from rexpand.cli.detect_trained import measured
from rexpand.cli.device import Device, device_in_use, use_device
from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Json
from rexpand.cli.places import page_folder
from rexpand.ranges import FORWARD_BATCH

if TYPE_CHECKING:
    from rexpand.data.detection import DetectionSplit, OnDefect

Run = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="The folder of `rexpand detect train`, or its detector.safetensors.",
    ),
]


def evaluate(
    run: Run,
    data: AnnotatedData = None,
    part: Part = PartName.HELD_OUT,
    batch_size: Annotated[
        int, number(FORWARD_BATCH, "--batch-size", help="Images at a time.")
    ] = 8,
    skip_defects: SkipDefects = False,
    out: Annotated[
        Path | None,
        page_folder("--out", help="Write a page here, with the worst mistakes."),
    ] = None,
    data_root: DataRoot = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """COCO's average precision of a detector on annotated images.

    Measures are shares from 0 to 1. Classes are matched by their names.
    """
    if data is None:
        raise typer.BadParameter("give the folder", param_hint="--data")
    from rexpand.transfer.detection.checkpoint import read_detector

    saved = read_detector(run)
    use_device(device)
    import torch

    from rexpand.cli.count_bar import CountBar
    from rexpand.records import this_provenance
    from rexpand.report import DetectionResult, write_detection_report
    from rexpand.transfer.detection import (
        load_detector,
        mistakes_of,
        predictions_of,
        scores_of,
    )
    from rexpand.transfer.detection.predictions import LIBRARIES

    images = part_of(data, part, data_root, skip_defects)
    images = images.numbered_as(saved.class_names)
    detector = load_detector(run).to(device_in_use())
    with CountBar("images", len(images)) as bar:
        found = predictions_of(
            detector, images, batch_size=batch_size, progress=bar.advance
        )
    scores = scores_of(found, images)
    if out is not None:
        result = DetectionResult(
            name=f"{saved.spec.detector} on {saved.spec.backbone.name}",
            data=data,
            judged=part.value,
            scores=scores,
            mistakes=mistakes_of(found, images, scores),
            provenances=(
                this_provenance(
                    LIBRARIES,
                    threads=torch.get_num_threads(),
                    device=device_in_use().type,
                ),
            ),
        )
        page = page_of(lambda: write_detection_report(result, out))
        if page is not None:
            note(f"wrote {page}")
    if as_json:
        print_json(
            {
                "detector": saved.spec.detector,
                "network": saved.spec.backbone.name,
                "run": str(run),
                "data": data,
                "evaluated_on": part.value,
                "images": scores.images,
                "instances": scores.instances,
                **scores.headline(),
                "classes": {
                    name: {"instances": each.instances, "box_ap": each.ap}
                    for name, each in zip(
                        scores.class_names, scores.box.classes, strict=True
                    )
                },
            }
        )
        return
    print_table(
        ("class", "objects", "box AP", "AP50", "AP75"),
        (
            (name, each.instances, *map(_share, (each.ap, each.ap50, each.ap75)))
            for name, each in zip(scores.class_names, scores.box.classes, strict=True)
            if each.instances
        ),
    )
    print(f"{run} on {data}, {part.value}: {measured(scores)}")


def part_of(
    data: str, part: PartName, root: Path | None, skip_defects: bool
) -> "DetectionSplit":
    """The images of a part."""
    from rexpand.data.detection import load_annotated, load_detection
    from rexpand.data.detection.opening import open_annotated

    on_defect: OnDefect = "skip" if skip_defects else "fail"
    has_training = open_annotated(data, root).training is not None
    if part is PartName.HELD_OUT and not has_training:
        return load_annotated(data, root=root, on_defect=on_defect)
    found = load_detection(data, root=root, on_defect=on_defect)
    return found.train if part is PartName.TRAIN else found.held_out


def _share(measure: float | None) -> str:
    return "-" if measure is None else f"{measure:.3f}"
