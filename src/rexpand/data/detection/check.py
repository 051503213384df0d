"""A check-up of annotated images: every file decoded, every defect counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.examining import Examination, not_trained
from rexpand.data.detection.layout import Format, is_annotated
from rexpand.data.detection.opening import locate_annotated, open_annotated
from rexpand.data.detection.parts import PartName
from rexpand.data.detection.split import DetectionSplit
from rexpand.errors import DataError


@dataclass(frozen=True, kw_only=True)
class PartReport:
    """What can be used of one part: train, val, test, or all where no name says more.

    `background_images` have no annotation. `instances` are objects without crowds, and
    `masks` how many of them have one.
    """

    name: str
    annotation_files: int
    images: int
    background_images: int
    instances: int
    crowds: int
    masks: int


@dataclass(frozen=True, kw_only=True)
class DetectionReport:
    """What a folder of annotated images holds.

    `trains` and `is_held_out` name the parts that are used; empty where there is none,
    or where images are drawn to be held out. `instances_of` counts the objects of each
    class over all parts. `stopping` are the defects that stop a training, unless it
    leaves out what they concern; `harmless` the others: by kind, what is said of each.
    """

    name: str
    layout: Format
    classes: int
    trains: str
    is_held_out: str
    parts: tuple[PartReport, ...]
    instances_of: Mapping[str, int]
    stopping: Mapping[str, tuple[str, ...]]
    harmless: Mapping[str, tuple[str, ...]]


def is_detection(name: str, root: str | Path | None = None) -> bool:
    """Whether a name or a path leads to a folder of annotated images."""
    try:
        return is_annotated(locate_annotated(name, root))
    except DataError:
        return False


def check_detection(
    name: str | Path, root: str | Path | None = None
) -> DetectionReport:
    """Check a folder of annotated images; every image is decoded.

    Raises DataError for a place without annotations, or with damaged ones.
    """
    folder = open_annotated(name, root)
    examination = Examination(folder, decodes=True)
    splits = {part: examination.split(part) for part in folder.parts}
    defects = [*examination.defects, *examination.without_annotations()]
    defects += [_empty(part) for part, split in splits.items() if not split.instances]
    if folder.training is not None:
        train = splits[folder.training]
        for part, split in splits.items():
            defects += not_trained(split, train, part)
    counts = Counter(
        split.class_names[each.category]
        for split in splits.values()
        for image in split.images
        for each in image.instances
        if not each.is_crowd
    )
    names = next(iter(splits.values())).class_names
    return DetectionReport(
        name=folder.path.name,
        layout=folder.format,
        classes=len(names),
        trains=folder.training or "",
        is_held_out=folder.held_out or "",
        parts=tuple(
            _part(part, len(folder.parts[part].files), split)
            for part, split in splits.items()
        ),
        instances_of={name: counts[name] for name in names},
        stopping=_by_kind(defect for defect in defects if defect.stops),
        harmless=_by_kind(defect for defect in defects if not defect.stops),
    )


def _part(name: str, files: int, split: DetectionSplit) -> PartReport:
    every = [each for image in split.images for each in image.instances]
    objects = [each for each in every if not each.is_crowd]
    return PartReport(
        name=name,
        annotation_files=files,
        images=len(split),
        background_images=sum(not image.instances for image in split.images),
        instances=len(objects),
        crowds=len(every) - len(objects),
        masks=sum(each.mask is not None for each in objects),
    )


def _empty(part: PartName) -> Defect:
    said = "no image of it has an object"
    return Defect(kind="part without objects", file=part, said=said)


def _by_kind(defects: Iterable[Defect]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for defect in defects:
        found.setdefault(defect.kind, []).append(str(defect))
    return {kind: tuple(each) for kind, each in found.items()}
