"""LabelMe's annotations: a JSON file for each image, with shapes.

Polygons are masks and boxes, rectangles boxes. Where there are polygons, a rectangle is
a mask too, as LabelMe itself exports it. Polygons of one label and one group are one
object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.given import (
    GivenImage,
    GivenInstance,
    GivenPart,
    parts_of,
)
from rexpand.data.detection.instances import Box, Polygons
from rexpand.data.detection.layout import Layout
from rexpand.data.detection.parts import PartName, part_of
from rexpand.data.detection.tables import field, optional, tables
from rexpand.documents import naming, parsed_json, read_text
from rexpand.errors import DataError
from rexpand.ranges import CLASS_NAME, IMAGE_SIDE, PLACE

_Point = tuple[float, float]
_Side = Annotated[int, IMAGE_SIDE]
_READ = ("polygon", "rectangle")


def read_labelme(layout: Layout) -> dict[PartName, GivenPart]:
    """What the files say, by part: by the names of their folders.

    Raises DataError, in one line with the place, for a file that is damaged.
    """
    defects: list[tuple[PartName, Defect]] = []
    images: list[tuple[PartName, GivenImage]] = []
    kinds: set[str] = set()
    for number, file in enumerate(layout.files, start=1):
        part = part_of(file.parent.relative_to(layout.folder))
        shapes, others, image = _read(file, number)
        kinds |= {shape.kind for shape in shapes}
        defects += [(part, defect) for defect in others]
        images.append((part, image))
    if "polygon" not in kinds:
        images = [(part, _without_masks(image)) for part, image in images]
    return parts_of(images, defects)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    """A shape, as an outline: a rectangle has four corners."""

    place: str
    kind: str
    label: str
    group: int | None
    outline: tuple[float, ...]

    @property
    def box(self) -> Box:
        x, y = self.outline[::2], self.outline[1::2]
        return min(x), min(y), max(x), max(y)


def _read(file: Path, number: int) -> tuple[list[_Shape], list[Defect], GivenImage]:
    """The shapes of a file, what is said of others, and its image."""
    text = read_text(file, DataError)
    with naming(file, DataError):
        content = parsed_json(text)
        shapes, defects = list[_Shape](), list[Defect]()
        for place, table in tables(content, "shapes"):
            shape = _shape(table, place)
            if shape.kind in _READ:
                shapes.append(shape)
            else:
                said = f"{shape.place} is a {shape.kind}; draw a polygon or a rectangle"
                defects.append(
                    Defect(kind="shape of another kind", file=str(file), said=said)
                )
        image = GivenImage(
            file=str(file),
            image_id=number,
            names=(field(Annotated[str, PLACE], content, "imagePath"), file.stem),
            height=optional(_Side, content, "imageHeight"),
            width=optional(_Side, content, "imageWidth"),
            instances=tuple(map(_instance, _grouped(shapes))),
        )
    return shapes, defects, image


def _shape(table: Mapping[str, Any], place: str) -> _Shape:
    label = field(Annotated[str, CLASS_NAME], table, "label", place)
    kind = optional(str, table, "shape_type", place) or "polygon"
    points = field(tuple[_Point, ...], table, "points", place)
    if not points:
        raise ValueError(f"{place}.points is empty; give the corners")
    if kind == "rectangle":
        points = _corners(points)
    return _Shape(
        place=f"{place} ({label})",
        kind=kind,
        label=label,
        group=optional(int, table, "group_id", place),
        outline=tuple(number for point in points for number in point),
    )


def _corners(points: Sequence[_Point]) -> tuple[_Point, ...]:
    """The four corners of a rectangle that is given by two opposite ones, or by four."""
    x, y = [point[0] for point in points], [point[1] for point in points]
    left, right, top, bottom = min(x), max(x), min(y), max(y)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _grouped(shapes: Sequence[_Shape]) -> list[list[_Shape]]:
    """The shapes of each object: alone, or all of one label and one group."""
    groups: dict[tuple[str, int | str], list[_Shape]] = {}
    for shape in shapes:
        group = shape.place if shape.group is None else shape.group
        groups.setdefault((shape.label, group), []).append(shape)
    return [*groups.values()]


def _instance(shapes: Sequence[_Shape]) -> GivenInstance:
    boxes = [shape.box for shape in shapes]
    return GivenInstance(
        place=shapes[0].place,
        category=shapes[0].label,
        box=(
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        ),
        mask=Polygons(outlines=tuple(shape.outline for shape in shapes)),
    )


def _without_masks(image: GivenImage) -> GivenImage:
    return replace(
        image, instances=tuple(replace(each, mask=None) for each in image.instances)
    )
