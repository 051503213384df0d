"""`rexpand detect export`: a trained detector for onnxruntime and its like."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note, print_json
from rexpand.cli.options import DataRoot, Json
from rexpand.cli.places import checked_file, checked_folder, output_place

if TYPE_CHECKING:
    from torch import Tensor

    from rexpand.transfer.detection import DetectorExport

_REAL_IMAGES = 8


class Format(StrEnum):
    """What the file is for."""

    ONNX = "onnx"
    OPENVINO = "openvino"


_SUFFIXES = {Format.ONNX: ".onnx", Format.OPENVINO: ".xml"}


def export(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The folder of `rexpand detect train`, or its detector.safetensors.",
        ),
    ],
    out: Annotated[
        Path,
        output_place(
            "--out",
            help="Write to this folder, or to this .onnx or .xml file (default: here).",
        ),
    ] = Path(),
    to: Annotated[
        Format,
        typer.Option(
            "--to",
            help="The format of a file in a folder: openvino (.xml) is for SSDLite.",
        ),
    ] = Format.ONNX,
    without_nms: Annotated[
        bool,
        typer.Option(
            "--without-nms",
            help="Leave NMS outside: the boxes that it would get come out.",
        ),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Compare on real images too: a folder of annotated images.",
        ),
    ] = None,
    data_root: DataRoot = None,
    as_json: Json = False,
) -> None:
    """Write a detector with its weights as ONNX, or for OpenVINO.

    The file takes RGB images from 0 to 1, of any height and width; normalisation and
    resizing are inside. It is written only if it finds what the detector finds, in
    made-up images and in those of --data. Inside are the names of the classes, and what
    comes out.
    """
    from rexpand.transfer.detection.checkpoint import read_detector

    saved = read_detector(run)
    file = _checked_file(out, to, saved.spec.detector, without_nms)
    from rexpand.transfer.detection import export_detector, load_detector

    images = [] if data is None else _real_images(data, data_root)
    done = export_detector(
        load_detector(run),
        file,
        class_names=saved.class_names,
        with_nms=not without_nms,
        images=images,
    )
    if not done.agreement.detections:
        note(
            "the detector found nothing in these images; compare on others with --data"
        )
    if as_json:
        print_json(_document(done, run, len(images)))
    else:
        print(_line(done))
        print(f"takes {done.texts['input']}")
        for name in done.outputs:
            print(f"gives {name} {done.texts[f'output_{name}']}")


def _checked_file(out: Path, to: Format, detector: str, without_nms: bool) -> Path:
    """The file, when it can be written."""
    if out.suffix in _SUFFIXES.values():
        return checked_file(out)
    name = f"{detector}.without-nms" if without_nms else detector
    return checked_file(checked_folder(out) / f"{name}{_SUFFIXES[to]}")


def _real_images(data: str, root: Path | None) -> "list[Tensor]":
    """The first images of a folder, as files have them."""
    import torch

    from rexpand.data.detection import load_annotated

    split = load_annotated(data, root=root, on_defect="skip")
    some = split.subset(range(min(_REAL_IMAGES, len(split))))
    batches = some.batches(batch_size=1, device=torch.device("cpu"))
    return [images[0] for images, _ in batches]


def _document(done: "DetectorExport", run: Path, real_images: int) -> dict[str, object]:
    from rexpand.transfer.detection.exporting import MOST_WITHOUT_PARTNER

    return {
        "run": str(run),
        "detector": done.properties.detector,
        "network": done.properties.network,
        "class_names": list(done.properties.class_names),
        "file": str(done.file),
        "size_bytes": done.size_bytes,
        "has_nms": done.properties.has_suppression,
        "suppression": asdict(done.properties.suppression),
        "input": done.texts["input"],
        "outputs": {name: done.texts[f"output_{name}"] for name in done.outputs},
        "real_images": real_images,
        "agreement": asdict(done.agreement),
        "most_without_partner": MOST_WITHOUT_PARTNER,
        "operators": dict(done.operators),
    }


def _line(done: "DetectorExport") -> str:
    from rexpand.transfer.detection.exporting import MOST_WITHOUT_PARTNER

    found = done.agreement
    mask = "" if found.mask is None else f", masks overlap by {found.mask:.3f} at least"
    return (
        f"wrote {done.file}: {done.size_bytes / 1e6:.2f} MB, "
        f"{sum(done.operators.values())} operators; of {found.detections} detections of "
        f"torch and the file in {found.images} images {found.without_partner} are of one "
        f"alone (at most {MOST_WITHOUT_PARTNER:.0%}) and {found.tied} were chosen among "
        f"equal scores; the largest differences: score {found.score:.2g}, corner "
        f"{found.box:.2g} of the longer side{mask}"
    )
