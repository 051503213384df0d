"""From a name or a path to a data set of annotated images."""

from pathlib import Path
from typing import get_args

import numpy as np

from rexpand.data.detection.dataset import DetectionData
from rexpand.data.detection.defects import OnDefect, check_harmless
from rexpand.data.detection.examining import Examination, not_trained
from rexpand.data.detection.opening import AnnotatedFolder, open_annotated
from rexpand.data.detection.split import DetectionSplit
from rexpand.data.split import Labels
from rexpand.errors import DataError
from rexpand.ranges import SEED, SHARE

HELD_OUT = 0.2  # of the images, where no file says which are held out


def load_detection(
    place: str | Path,
    *,
    root: str | Path | None = None,
    on_defect: OnDefect = "fail",
    held_out: float = HELD_OUT,
    seed: int = 0,
) -> DetectionData:
    """The annotated images of a folder, or of one of that name under the root.

    COCO's JSON, Pascal VOC's XML or LabelMe's JSON is found by its contents. Names of
    files and folders say what trains and what is held out: test where it is annotated,
    else val; where none says it, a share `held_out` of the images is drawn by `seed`.

    With `on_defect` "fail" a harmful defect raises, and a corrupt image when its turn
    comes; with "skip" every image is decoded once, and what is concerned is left out.
    Raises DataError for a place without annotations or with damaged ones, and if no
    object is left to train on.
    """
    SHARE.check("held_out", held_out, DataError)
    SEED.check("seed", seed, DataError)
    _check_choice(on_defect)
    folder = open_annotated(place, root)
    if folder.training is None:
        raise DataError(
            f"'{folder.path}' has annotations of {' and '.join(map(str, folder.parts))} "
            "alone; give a folder that has a training part too"
        )
    examination = Examination(folder, decodes=on_defect == "skip")
    train = examination.split(folder.training)
    judged = examination.split(folder.held_out) if folder.held_out else train
    if on_defect == "fail":
        check_harmless(folder.path.name, examination.defects)
    if folder.held_out is None:
        rest, drawn = _drawn(folder, len(train), held_out, seed)
        train, judged = train.subset(rest), train.subset(drawn)
    _check_some(folder, train, "to train on")
    _check_some(folder, judged, "to be held out")
    return DetectionData(
        name=folder.path.name,
        layout=folder.format,
        train=train,
        held_out=judged,
        is_parted_by_seed=folder.held_out is None,
        defects=(
            *examination.defects,
            *not_trained(judged, train, folder.held_out or "held out"),
        ),
    )


def load_annotated(
    place: str | Path,
    *,
    root: str | Path | None = None,
    on_defect: OnDefect = "fail",
) -> DetectionSplit:
    """The images of a place to judge a detector by: test, else val, else all there are.

    Raises as `load_detection`, but takes a place that has no training part.
    """
    _check_choice(on_defect)
    folder = open_annotated(place, root)
    part = folder.training if folder.held_out is None else folder.held_out
    assert part is not None
    examination = Examination(folder, decodes=on_defect == "skip")
    split = examination.split(part)
    if on_defect == "fail":
        check_harmless(folder.path.name, examination.defects)
    _check_some(folder, split, "to judge by")
    return split


def _check_choice(on_defect: str) -> None:
    if on_defect not in get_args(OnDefect):
        raise DataError(f"on_defect '{on_defect}' is unknown; use fail or skip")


def _drawn(
    folder: AnnotatedFolder, count: int, share: float, seed: int
) -> tuple[Labels, Labels]:
    """The rows that train and those that are held out, each in order."""
    if count < 2:
        raise DataError(
            f"'{folder.path}' has {count} images that can be used; two are needed, one "
            "of them to be held out"
        )
    order = np.random.default_rng(seed).permutation(count)
    held_out = min(max(round(count * share), 1), count - 1)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _check_some(folder: AnnotatedFolder, split: DetectionSplit, what: str) -> None:
    if not split.instances:
        raise DataError(
            f"'{folder.path}' has {len(split)} images and no object {what}; annotate "
            "some, or give another folder"
        )
