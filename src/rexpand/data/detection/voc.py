"""Pascal VOC's annotations: an XML file for each image, and ImageSets where they are.

VOC counts pixels from 1 and names the last one inside, so a box of xmin 1 and xmax 64
covers an image of 64 pixels: it is (0, 64) here. Objects marked as difficult are crowds:
neither trained on nor missed.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from xml.etree.ElementTree import Element

from rexpand.data.detection.defects import Defect
from rexpand.data.detection.given import (
    GivenImage,
    GivenInstance,
    GivenPart,
    parts_of,
)
from rexpand.data.detection.layout import Layout
from rexpand.data.detection.parts import PartName, part_of
from rexpand.data.files import is_file
from rexpand.documents import naming, read_text, read_xml
from rexpand.errors import DataError, quoted
from rexpand.ranges import CLASS_NAME, IMAGE_SIDE

_SETS = ("trainval", "train", "val", "test")


def read_voc(layout: Layout) -> dict[PartName, GivenPart]:
    """What the files say, by part: by ImageSets, else by the names of their folders.

    Raises DataError, in one line with the place, for a file that is damaged.
    """
    folders: dict[Path, dict[str, Path]] = {}
    for file in layout.files:
        folders.setdefault(file.parent, {})[file.stem] = file
    defects: list[tuple[PartName, Defect]] = []
    parts: dict[Path, PartName] = {}
    for folder, files in folders.items():
        sets = _image_sets(folder.parent)
        if not sets:
            part = part_of(folder.relative_to(layout.folder))
            parts |= dict.fromkeys(files.values(), part)
        for part, name in _used(sets, files):
            for stem in sets[name]:
                if stem in files:
                    parts[files[stem]] = part
                else:
                    defects.append((part, _absent(stem, name)))
    images = [
        (part, _image(file, number))
        for number, (file, part) in enumerate(sorted(parts.items()), start=1)
    ]
    return parts_of(images, defects)


def _image_sets(root: Path) -> dict[str, tuple[str, ...]]:
    """The stems of each set: of ImageSets/Main for detection, else of ImageSets."""
    for folder in (root / "ImageSets" / "Main", root / "ImageSets"):
        files = {name: folder / f"{name}.txt" for name in _SETS}
        found = {name: _stems(file) for name, file in files.items() if is_file(file)}
        if found:
            return found
    return {}


def _stems(file: Path) -> tuple[str, ...]:
    """The first word of each line; others say whether a class is there."""
    lines = read_text(file, DataError).splitlines()
    return tuple(line.split()[0] for line in lines if line.strip())


def _used(
    sets: Mapping[str, Sequence[str]], files: Mapping[str, Path]
) -> list[tuple[PartName, str]]:
    """Which sets are which part: test judges where it is annotated, else val."""
    training = "trainval" if "trainval" in sets else "train"
    is_tested = any(stem in files for stem in sets.get("test", ()))
    if training in sets and is_tested:
        return [("train", training), ("test", "test")]
    if "train" in sets and "val" in sets:
        return [("train", "train"), ("val", "val")]
    return [("all", name) for name in [*sets][:1]]


def _absent(stem: str, name: str) -> Defect:
    return Defect(
        kind="image without annotation file",
        file=f"{name}.txt",
        said=f"image {quoted(stem)} has no XML file",
    )


def _image(file: Path, number: int) -> GivenImage:
    root = read_xml(file, DataError)
    with naming(file, DataError):
        if root.tag != "annotation":
            raise ValueError(f"its root is {quoted(root.tag)}; give an annotation")
        name = (root.findtext("filename") or "").strip()
        return GivenImage(
            file=str(file),
            image_id=number,
            names=(name, file.stem) if name else (file.stem,),
            height=_side(root, "size/height"),
            width=_side(root, "size/width"),
            instances=tuple(
                _object(each, place)
                for place, each in enumerate(root.findall("object"), start=1)
            ),
        )


def _object(element: Element, number: int) -> GivenInstance:
    place = f"object {number}"
    name = (element.findtext("name") or "").strip()
    CLASS_NAME.check(f"name of {place}", name)
    x_min, y_min, x_max, y_max = (
        _number(element, f"bndbox/{each}", f" of {place}")
        for each in ("xmin", "ymin", "xmax", "ymax")
    )
    return GivenInstance(
        place=f"{place} ({name})",
        category=name,
        box=(x_min - 1, y_min - 1, x_max, y_max),
        is_crowd=(element.findtext("difficult") or "").strip() == "1",
    )


def _side(root: Element, path: str) -> int | None:
    """A side of the image in pixels; None where it is not there, or 0."""
    if not (root.findtext(path) or "").strip():
        return None
    side = _number(root, path)
    if not side:
        return None
    whole = int(side) if side.is_integer() else side
    IMAGE_SIDE.check(path, whole)
    return int(side)


def _number(element: Element, path: str, of: str = "") -> float:
    text = element.findtext(path)
    if text is None:
        raise ValueError(f"missing {path}{of}")
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise ValueError(f"{path}{of} is {quoted(text.strip())}; give a number")
    return found
