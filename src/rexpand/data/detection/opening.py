"""A folder of annotated images, opened: what each of its parts says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rexpand.data.detection.coco import read_coco
from rexpand.data.detection.given import GivenPart, joined, of_same_classes
from rexpand.data.detection.labelme import read_labelme
from rexpand.data.detection.layout import Format, Layout, layout_of
from rexpand.data.detection.parts import PartName, part_of
from rexpand.data.detection.voc import read_voc
from rexpand.data.files import is_folder
from rexpand.data.places import listed, root_folder
from rexpand.errors import DataError

_TRAINING: tuple[PartName, ...] = ("train", "all")


@dataclass(frozen=True, kw_only=True, eq=False)
class AnnotatedFolder:
    """A folder and what its annotation files say, by part."""

    path: Path
    format: Format
    parts: Mapping[PartName, GivenPart]

    @property
    def training(self) -> PartName | None:
        """The part that trains: train, else what no name says more of."""
        return _first(_TRAINING, self.parts)

    @property
    def held_out(self) -> PartName | None:
        """The part that judges: test if anything in it is annotated, else val."""
        test = self.parts.get("test")
        if test and any(image.instances for image in test.images):
            return "test"
        return _first(("val",), self.parts)


def open_annotated(place: str | Path, root: str | Path | None) -> AnnotatedFolder:
    """Read the annotations of a folder, or of one of that name under the root.

    Raises DataError for a place without annotations, or with damaged ones.
    """
    folder = locate_annotated(place, root)
    layout = layout_of(folder)
    if layout is None:
        raise DataError(
            f"'{folder}' holds no annotations; give a folder with COCO's JSON, Pascal "
            "VOC's XML or LabelMe's JSON in it, or three levels below"
        )
    return AnnotatedFolder(path=folder, format=layout.format, parts=_parts(layout))


def locate_annotated(place: str | Path, root: str | Path | None) -> Path:
    """The folder of a path or of a name; DataError if there is none.

    A bare name is looked up under the root first, anything else as a path first.
    """
    given, below = Path(place), root_folder(root) / place
    places = (below, given) if given.name == str(place) else (given, below)
    for each in places:
        if is_folder(each):
            return each
    raise DataError(f"no folder at {listed(places)}; give a folder of annotated images")


def _parts(layout: Layout) -> dict[PartName, GivenPart]:
    match layout.format:
        case "COCO":
            return _coco_parts(layout)
        case "Pascal VOC":
            return read_voc(layout)
        case "LabelMe":
            return read_labelme(layout)


def _coco_parts(layout: Layout) -> dict[PartName, GivenPart]:
    files: dict[PartName, list[Path]] = {}
    for file in layout.files:
        part = part_of(file.relative_to(layout.folder))
        files.setdefault(part, []).append(file)
    parts = {part: joined([*map(read_coco, each)]) for part, each in files.items()}
    return of_same_classes(parts, first=_first(_TRAINING, parts))


def _first(
    names: Sequence[PartName], parts: Mapping[PartName, GivenPart]
) -> PartName | None:
    return next((name for name in names if name in parts), None)
