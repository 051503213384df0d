"""`rexpand detect show`: predictions drawn beside the truth."""

from pathlib import Path
from typing import Annotated

import typer

from rexpand.cli.console import note, print_json, print_table
from rexpand.cli.detect_evaluate import Run, part_of
from rexpand.cli.detect_options import AnnotatedData, Part, PartName, SkipDefects
from rexpand.cli.device import Device, device_in_use, use_device
from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Json
from rexpand.cli.places import output_folder
from rexpand.ranges import PROBABILITY, SOME_IMAGES


def show(
    run: Run,
    data: AnnotatedData = None,
    part: Part = PartName.HELD_OUT,
    out: Annotated[
        Path, output_folder("--out", help="The folder for the pictures.")
    ] = Path("runs/shown"),
    images: Annotated[
        int,
        number(
            SOME_IMAGES, "--images", help="Draw at most N images, at equal distances."
        ),
    ] = 12,
    score: Annotated[
        float | None,
        number(
            PROBABILITY,
            "--score",
            metavar="SCORE",
            help="Draw predictions from this score on (default: the one at which there "
            "are as many predictions as objects in these images).",
        ),
    ] = None,
    skip_defects: SkipDefects = False,
    data_root: DataRoot = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw what a detector finds beside the truth.

    A picture for each image: boxes, masks, classes and scores, one colour for each class.
    A crowd is grey.
    """
    if data is None:
        raise typer.BadParameter("give the folder", param_hint="--data")
    from rexpand.transfer.detection.checkpoint import read_detector

    saved = read_detector(run)
    use_device(device)
    from rexpand.cli.count_bar import CountBar
    from rexpand.transfer.detection import load_detector, predictions_of
    from rexpand.transfer.detection.showing import balanced_score
    from rexpand.transfer.detection.showing import show as draw

    split = part_of(data, part, data_root, skip_defects)
    chosen = split.numbered_as(saved.class_names).some(images)
    detector = load_detector(run).to(device_in_use())
    with CountBar("images", len(chosen)) as bar:
        found = predictions_of(detector, chosen, progress=bar.advance)
    least = balanced_score(found, chosen) if score is None else score
    shown = draw(found, chosen, out, score=least)
    if not any(each.predictions for each in shown):
        highest = max((max(each.scores, default=0.0) for each in found), default=0.0)
        note(
            f"no prediction has a score of {least:.2g} or more, the highest is "
            f"{highest:.2g}; give a lower --score"
        )
    if as_json:
        print_json(
            {
                "run": str(run),
                "data": data,
                "part": part.value,
                "score": least,
                "images": [vars(each) for each in shown],
            }
        )
        return
    print_table(
        ("picture", "objects", "predictions"),
        [(each.picture, each.instances, each.predictions) for each in shown],
    )
