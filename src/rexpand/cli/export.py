"""`rexpand export`: a network for other runtimes."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import print_json
from rexpand.cli.opening import opened_source
from rexpand.cli.options import Json, Network, Resolution
from rexpand.cli.places import checked_file, checked_folder, output_place

if TYPE_CHECKING:
    from rexpand.deploy import Exported
    from rexpand.spec import ExportFormat


def export(
    network: Network,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMATS",
            help="Formats, separated by commas: onnx, openvino, torch_export (.pt2), "
            "torchscript (.pt).",
        ),
    ] = "onnx",
    resolution: Resolution = None,
    out: Annotated[
        Path | None,
        output_place(
            "--out",
            help="Write to this folder, or, with one format, to this file of its suffix "
            "(default: NETWORK.onnx and its like, here).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a network with its weights for other runtimes.

    The files take any number of images at once. They are written only if the scores of
    random images agree with the network's. Inside are the image contract (size, crop,
    normalisation) and the names of the classes.
    """
    from rexpand.spec import Source, find_formats

    source = Source.parse(network)
    formats = find_formats(part.strip() for part in to.split(","))
    folder, name = _checked_place(out, source.stem, formats)
    from rexpand.deploy import TOLERANCE
    from rexpand.deploy import export as write

    opened = opened_source(source)
    names = [each.name for each in formats]
    done = write(opened, names, folder, name=name, resolution=resolution)
    contract = opened.contract.at(resolution)
    if as_json:
        print_json(
            {
                "network": source.label,
                "weights": str(source.weights) if source.weights else None,
                "contract": asdict(contract.without_names()),
                "class_names": list(contract.class_names),
                "tolerance": TOLERANCE,
                "exports": [_entry(each) for each in done],
            }
        )
        return
    for each in done:
        print(_line(each, TOLERANCE))
    print(f"images: {contract}")


def _checked_place(
    out: Path | None, stem: str, formats: "tuple[ExportFormat, ...]"
) -> tuple[Path, str]:
    """The folder and the name of the files, when all of them can be written."""
    from rexpand.errors import OutputError
    from rexpand.spec import EXPORT_FORMATS

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


def _entry(done: "Exported") -> dict[str, Any]:
    return {
        "format": done.format,
        "files": [str(each) for each in done.files],
        "size_bytes": done.size_bytes,
        "difference": done.difference,
        "operators": dict(done.operators),
    }


def _line(done: "Exported", tolerance: float) -> str:
    first, *others = done.files
    files = " and ".join([str(first), *(each.name for each in others)])
    return (
        f"wrote {files}: {done.size_bytes / 1e6:.2f} MB, "
        f"{sum(done.operators.values())} operators; the largest difference from the "
        f"network is {done.difference:.2g} of the largest score (at most {tolerance:g})"
    )
