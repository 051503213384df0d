"""The formats of `rexpand export`, and the places of their files."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from rexpand.cli.places import checked_file, checked_folder
from rexpand.errors import MistakeError, OutputError
from rexpand.spec import EXPORT_FORMATS, ExportFormat, Source, find_formats

# What timmx exports and we do not, with its extra (timmx 0.10).
_OF_TIMMX = MappingProxyType(
    {
        "coreml": "'timmx[coreml]'",
        "litert": "'timmx[litert]'",
        "executorch": "'timmx[executorch]'",
        "tensorrt": "'timmx[onnx]' tensorrt",
    }
)


def asked_formats(to: str, source: Source) -> tuple[ExportFormat, ...]:
    """The formats that are asked for; one that timmx writes is handed over in a line."""
    names = [part.strip() for part in to.split(",")]
    for name in names:
        if name in _OF_TIMMX:
            raise MistakeError(
                f"{name} is written by timmx, from timm's network of this name: "
                f"pip install {_OF_TIMMX[name]} and timmx export {name} "
                f"{source.stem} --checkpoint WEIGHTS (docs/deployment.md)"
            )
    return find_formats(names)


def checked_place(
    out: Path | None, stem: str, formats: Sequence[ExportFormat]
) -> tuple[Path, str]:
    """The folder and the name of the files, when all of them can be written."""
    folder, name = out or Path(), stem
    kinds = {each.suffixes[0]: each.name for each in EXPORT_FORMATS.values()}
    if out is not None and out.suffix in kinds:
        if [kinds[out.suffix]] != [each.name for each in formats]:
            raise OutputError(
                f"{out} is the name of a file of {kinds[out.suffix]} alone; give a "
                f"folder for {', '.join(each.name for each in formats)}"
            )
        folder, name = out.parent, out.stem
    elif out is not None:
        checked_folder(out)
    for each in formats:
        for suffix in each.suffixes:
            checked_file(folder / f"{name}{suffix}")
    return folder, name


def check_gate_places(
    place: Path, formats: Sequence[ExportFormat], precisions: Sequence[str]
) -> None:
    """Refuse what the gate cannot write: files in other precisions, and the record."""
    checked_file(place.with_name(f"{place.name}.gate.json"))
    for precision in precisions:
        for each in formats:
            for suffix in each.suffixes:
                checked_file(place.with_name(f"{place.name}.{precision}{suffix}"))
