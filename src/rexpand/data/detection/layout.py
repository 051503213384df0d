"""What annotates a folder, by the contents of its files.

JSON and XML files are looked for in the folder and three levels below it. Where COCO's
files are there, they are taken, else Pascal VOC's, else LabelMe's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rexpand.data.detection.coco import LARGEST
from rexpand.data.files import entries_of, is_file
from rexpand.documents import read_bytes
from rexpand.errors import DataError

Format = Literal["COCO", "Pascal VOC", "LabelMe"]
_FORMATS: tuple[Format, ...] = ("COCO", "Pascal VOC", "LabelMe")
_LEVELS = 3
_SUFFIXES = (".json", ".xml")
# What COCO has beside its instances; they annotate the same images otherwise.
_OTHERS = ("captions_", "person_keypoints_", "stuff_", "panoptic_", "image_info_")
_INSTANCES = "instances_"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The annotation files of a folder, sorted, all of one format."""

    format: Format
    folder: Path
    files: tuple[Path, ...]


def layout_of(folder: Path) -> Layout | None:
    """The annotation files in a folder; None if there are none.

    Raises DataError for a folder or a file that cannot be read.
    """
    found: dict[Format, list[Path]] = {name: [] for name in _FORMATS}
    for file in _documents(folder):
        if format := _format_of(file):
            found[format].append(file)
    for name, files in found.items():
        if files:
            return Layout(format=name, folder=folder, files=tuple(files))
    return None


def is_annotated(folder: Path) -> bool:
    """Whether a folder has annotation files; False for one that cannot be read."""
    try:
        return any(map(_format_of, _documents(folder)))
    except DataError:
        return False


def _documents(folder: Path) -> Iterator[Path]:
    """JSON and XML files, sorted in each folder."""
    level = [folder]
    for _ in range(_LEVELS + 1):
        below: list[Path] = []
        for each in level:
            names, folders = _inside(each)
            has_instances = any(name.startswith(_INSTANCES) for name in names)
            for name in names:
                if not (has_instances and name.startswith(_OTHERS)):
                    yield each / name
            below += folders
        level = below


def _inside(folder: Path) -> tuple[list[str], list[Path]]:
    """The documents and the folders right in a folder, sorted; hidden ones not."""
    shown = sorted(
        (entry for entry in entries_of(str(folder)) if entry.name[:1] != "."),
        key=lambda entry: entry.name,
    )
    folders = [Path(e.path) for e in shown if e.is_dir(follow_symlinks=False)]
    documents = [e for e in shown if e.name.lower().endswith(_SUFFIXES)]
    return [e.name for e in documents if is_file(e.path)], folders


def _format_of(file: Path) -> Format | None:
    """The format of a file by the words in it, also where it is cut off or damaged."""
    # UTF-16 has a zero beside each byte of these words.
    content = read_bytes(file, DataError, LARGEST).replace(b"\0", b"")
    if file.suffix.lower() == ".xml":
        is_voc = b"<annotation" in content and b"<filename" in content
        return "Pascal VOC" if is_voc else None
    if b'"images"' in content and (
        b'"annotations"' in content or b'"file_name"' in content
    ):
        return None if b'"caption"' in content else "COCO"
    if b'"shapes"' in content and b'"imagePath"' in content:
        return "LabelMe"
    return None
