"""COCO's annotations: one JSON file with `images`, `annotations` and `categories`.

Masks are polygons or run lengths, plain or compressed. Classes are in the order of their
ids, which may have gaps, as COCO's own have.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.given import GivenImage, GivenInstance, GivenPart
from rexpand.data.detection.instances import Box, Mask, Polygons, RunLengths
from rexpand.data.detection.run_lengths import decompressed
from rexpand.data.detection.tables import field, numbers, optional, tables, whole
from rexpand.documents import naming, parsed_json, read_text
from rexpand.errors import DataError, quoted
from rexpand.ranges import CLASS_NAME, IMAGE_SIDE, PLACE, RUN

LARGEST = 2 * 2**30  # bytes; that of COCO's training images has 450 MB

_Side = Annotated[int, IMAGE_SIDE]


def read_coco(path: Path) -> GivenPart:
    """What a file says; DataError, in one line with the place, if it is no such file."""
    text = read_text(path, DataError, LARGEST)
    with naming(path, DataError):
        content = parsed_json(text)
        names = _categories(content)
        defects = _Defects(str(path))
        listed = _images(content, defects)
        instances = _instances(content, names, listed, defects)
        images = tuple(
            _image(path, table, image_id, tuple(instances.get(image_id, ())))
            for image_id, table in listed.items()
        )
    gaps = max(names) - min(names) + 1 - len(names)
    if gaps:
        said = f"{gaps} of the ids {min(names)} to {max(names)} are no category"
        defects.add("gap in category ids", said)
    return GivenPart(
        files=(path,),
        category_ids={name: number for number, name in sorted(names.items())},
        images=images,
        defects=tuple(defects.found),
    )


class _Defects:
    """The defects of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Defect] = []

    def add(self, kind: Any, said: str) -> None:
        self.found.append(Defect(kind=kind, file=self.file, said=said))


def _categories(content: Any) -> dict[int, str]:
    """The names of the categories by their ids."""
    names: dict[int, str] = {}
    for place, table in tables(content, "categories"):
        number = whole(table, "id", place)
        name = field(Annotated[str, CLASS_NAME], table, "name", place)
        if names.setdefault(number, name) != name:
            raise ValueError(
                f"{place}.id {number} is that of {quoted(names[number])} too; give each "
                "category an id of its own"
            )
    if not names:
        raise ValueError("categories is empty; give each class an id and a name")
    for name, count in Counter(names.values()).most_common(1):
        if count > 1:
            raise ValueError(
                f"{count} categories have the name {quoted(name)}; give each a name of "
                "its own"
            )
    return names


def _images(content: Any, defects: _Defects) -> dict[int, tuple[str, Any]]:
    """The tables of the images by their ids, each with its place."""
    found: dict[int, tuple[str, Any]] = {}
    for place, table in tables(content, "images"):
        number = whole(table, "id", place)
        if number in found:
            defects.add("duplicate image id", f"{place}.id {number} is there before")
            continue
        found[number] = place, table
    return found


def _image(
    path: Path,
    table: tuple[str, Any],
    image_id: int,
    instances: tuple[GivenInstance, ...],
) -> GivenImage:
    place, fields = table
    return GivenImage(
        file=str(path),
        image_id=image_id,
        names=(field(Annotated[str, PLACE], fields, "file_name", place),),
        height=field(_Side, fields, "height", place),
        width=field(_Side, fields, "width", place),
        instances=instances,
    )


def _instances(
    content: Any,
    names: Mapping[int, str],
    images: Mapping[int, Any],
    defects: _Defects,
) -> dict[int, list[GivenInstance]]:
    """The objects of each image, by its id."""
    found: dict[int, list[GivenInstance]] = defaultdict(list)
    ids: set[int] = set()
    for place, table in tables(content, "annotations"):
        number = whole(table, "id", place)
        if number in ids:
            defects.add(
                "duplicate annotation id", f"{place}.id {number} is there twice"
            )
        ids.add(number)
        image = whole(table, "image_id", place)
        category = whole(table, "category_id", place)
        x, y, width, height = _box(table, place)
        instance = GivenInstance(
            place=f"annotation {number}",
            category=names.get(category, ""),
            box=(x, y, x + width, y + height),
            area=optional(float, table, "area", place),
            is_crowd=bool(optional(int | bool, table, "iscrowd", place)),
            mask=_mask(table.get("segmentation"), f"{place}.segmentation"),
        )
        if image not in images:
            said = f"annotation {number} is of image_id {image}, which is not there"
            defects.add("missing image", said)
        elif category not in names:
            said = f"annotation {number} has category_id {category}, which is not there"
            defects.add("unknown category", said)
        else:
            found[image].append(instance)
    return found


def _box(table: Mapping[str, Any], place: str) -> Box:
    """x, y, width and height."""
    found = numbers(table.get("bbox"), f"{place}.bbox") if "bbox" in table else ()
    if len(found) == 4:
        return found[0], found[1], found[2], found[3]
    return field(Box, table, "bbox", place)


def _mask(content: Any, place: str) -> Mask | None:
    """A mask; None where there is none: null, or a list of no outline."""
    if not content:
        return None
    if isinstance(content, Mapping):
        height, width = field(tuple[_Side, _Side], content, "size", place)
        counts = content.get("counts")
        if isinstance(counts, str):
            runs = decompressed(counts, f"{place}.counts")
        else:
            runs = field(tuple[Annotated[int, RUN], ...], content, "counts", place)
        return RunLengths(height=height, width=width, counts=runs)
    if not isinstance(content, list):
        raise ValueError(f"{place} is {quoted(content)}; give outlines or run lengths")
    return Polygons(
        outlines=tuple(
            numbers(each, f"{place}[{number}]") for number, each in enumerate(content)
        )
    )
