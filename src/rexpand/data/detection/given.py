"""What the files of an annotation format say, before it is examined.

Every format's reader gives these values, so that what is wrong with boxes, masks and
files is looked for in one place (`examining`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.instances import Box, Mask
from rexpand.data.detection.parts import PartName


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenInstance:
    """An object: `place` is where in its file; the corners of `box` may be reversed."""

    place: str
    category: str
    box: Box
    area: float | None = None
    is_crowd: bool = False
    mask: Mask | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenImage:
    """An image as an annotation file names it.

    The image is the first of `names` that is found; they are paths from anywhere. The
    size is None where the file gives none.
    """

    file: str
    image_id: int
    names: tuple[str, ...]
    height: int | None
    width: int | None
    instances: tuple[GivenInstance, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenPart:
    """The images of one part of a data set.

    `category_ids` numbers the categories by their names, in the order of the classes.
    """

    files: tuple[Path, ...]
    category_ids: Mapping[str, int]
    images: tuple[GivenImage, ...]
    defects: tuple[Defect, ...] = ()


def parts_of(
    images: Sequence[tuple[PartName, GivenImage]],
    defects: Sequence[tuple[PartName, Defect]],
) -> dict[PartName, GivenPart]:
    """Images of an annotation file each, by part; classes are the names that occur.

    All parts have the same classes, in the order of their names, with ids from 1.
    """
    names = {each.category for _, image in images for each in image.instances}
    category_ids = {name: number for number, name in enumerate(sorted(names), start=1)}
    parts: dict[PartName, list[GivenImage]] = {}
    for part, image in images:
        parts.setdefault(part, []).append(image)
    return {
        part: GivenPart(
            files=tuple(Path(image.file) for image in each),
            category_ids=category_ids,
            images=tuple(each),
            defects=tuple(defect for of, defect in defects if of == part),
        )
        for part, each in parts.items()
    }


def of_same_classes(
    parts: Mapping[PartName, GivenPart], first: PartName | None
) -> dict[PartName, GivenPart]:
    """The parts with the classes of all of them, in the order of their ids.

    Classes are the same by name. The ids of the part `first` stay; a class that only
    others have keeps its id if that is free.
    """
    category_ids: dict[str, int] = {}
    for name in sorted(parts, key=lambda part: part != first):
        taken = set(category_ids.values())
        for each, number in parts[name].category_ids.items():
            if each in category_ids:
                continue
            category_ids[each] = max(taken) + 1 if number in taken else number
            taken.add(category_ids[each])
    ordered = dict(sorted(category_ids.items(), key=lambda each: each[1]))
    return {name: replace(part, category_ids=ordered) for name, part in parts.items()}


def joined(parts: Sequence[GivenPart]) -> GivenPart:
    """Several files as one part; what they number alike gets numbers from 1."""
    if len(parts) == 1:
        return parts[0]
    category_ids: dict[str, int] = {}
    for part in parts:
        category_ids = {**part.category_ids, **category_ids}
    if len(set(category_ids.values())) < len(category_ids):
        category_ids = {name: n for n, name in enumerate(sorted(category_ids), 1)}
    images = [image for part in parts for image in part.images]
    if len({image.image_id for image in images}) < len(images):
        images = [replace(image, image_id=n) for n, image in enumerate(images, 1)]
    return GivenPart(
        files=tuple(file for part in parts for file in part.files),
        category_ids=dict(sorted(category_ids.items(), key=lambda each: each[1])),
        images=tuple(images),
        defects=tuple(defect for part in parts for defect in part.defects),
    )
