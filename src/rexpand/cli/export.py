"""`rexpand export`: a network for another runtime."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import print_json
from rexpand.cli.opening import opened_source
from rexpand.cli.options import Json, Network, Resolution
from rexpand.cli.places import checked_file, output_file

if TYPE_CHECKING:
    from rexpand.spec import Source


class Format(StrEnum):
    """The formats by name."""

    ONNX = "onnx"


def export(
    network: Network,
    to: Annotated[Format, typer.Option("--to", help="The format.")] = Format.ONNX,
    resolution: Resolution = None,
    out: Annotated[
        Path | None,
        output_file("--out", help="Write to this file (default: NETWORK.onnx)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a network with its weights for another runtime.

    The file takes any number of images at once. It is written only if its scores of
    random images agree with the network's. Its properties hold the image contract (size,
    crop, normalisation) and the names of the classes.
    """
    from rexpand.deploy import TOLERANCE, export_checked
    from rexpand.spec import Source

    source = Source.parse(network)
    path = checked_file(out or Path(f"{_stem(source)}.{to.value}"))
    done = export_checked(opened_source(source), path, resolution)
    if as_json:
        print_json(
            {
                "network": source.label,
                "weights": str(source.weights) if source.weights else None,
                "file": str(done.path),
                "format": to.value,
                "opset": done.opset,
                "size_bytes": done.size_bytes,
                "difference": done.difference,
                "tolerance": TOLERANCE,
                "contract": asdict(done.contract.without_names()),
                "class_names": list(done.contract.class_names),
            }
        )
        return
    print(
        f"wrote {done.path}: {done.size_bytes / 1e6:.2f} MB, opset {done.opset}; the "
        f"largest difference from the network is {done.difference:.2g} of the largest "
        f"score (at most {TOLERANCE:g})"
    )
    print(f"images: {done.contract}")


def _stem(source: "Source") -> str:
    """What a file of the network is called: without folder, suffix, package."""
    if source.kind in ("file", "checkpoint"):
        return Path(source.name).stem
    return source.name.rpartition(":")[2].replace("/", "-")
