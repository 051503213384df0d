"""The gate of `rexpand export`: other precisions, judged on real images and timed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rexpand.cli.console import note, print_table

if TYPE_CHECKING:
    from torch import Tensor

    from rexpand.data.split import Split
    from rexpand.deploy import Exported, GraphForm
    from rexpand.latency.gate import GateFile, JudgedImages
    from rexpand.models import Opened
    from rexpand.records import Gate
    from rexpand.spec import ExportPrecision

_MOST_CALIBRATED = 256  # images
_MOST_JUDGED = 1000


@dataclass(frozen=True, kw_only=True)
class GateImages:
    """Real images in two parts that share none: to calibrate, and to judge."""

    calibration: "Tensor"
    judged: "JudgedImages"


def gate_images(
    data: str, root: Path | None, opened: "Opened", resolution: int | None
) -> GateImages:
    """The labelled images of a data set, parted: at most a quarter calibrates."""
    from rexpand.data.labelled import load_labelled
    from rexpand.data.split import hold_out, stratified_subset
    from rexpand.deploy import check_calibration_classes
    from rexpand.errors import DataError
    from rexpand.latency.gate import JudgedImages

    split = load_labelled(data, root=root).seen_by(opened.contract, resolution).split
    count = min(_MOST_CALIBRATED, len(split) // 4)
    if count < 1:
        raise DataError(
            f"{data} has {len(split)} images, too few to calibrate on some and to judge "
            "by others; give 100 or more"
        )
    rest, calibration = hold_out(split, count, seed=0)
    images, labels = _read(calibration)
    check_calibration_classes(labels.numpy())
    if len(rest) > _MOST_JUDGED:
        rest = stratified_subset(rest, _MOST_JUDGED, seed=0)
    pixels, classes = _read(rest)
    return GateImages(
        calibration=images,
        judged=JudgedImages(
            data=data, images=pixels, labels=classes, calibration=len(images)
        ),
    )


def gate_files(
    opened: "Opened",
    done: "Sequence[Exported]",
    precisions: "Sequence[ExportPrecision]",
    images: GateImages,
    *,
    form: "GraphForm",
    resolution: int | None,
    agreement: float | None,
) -> "list[GateFile]":
    """The files in fp32, and those in other precisions, which are written beside them."""
    from rexpand.deploy import given_to, has_precision, in_precision
    from rexpand.latency.gate import GateFile
    from rexpand.records import write_atomic

    files = [GateFile(files=each.files, precision="fp32") for each in done]
    graph = _graph(opened, done, form, resolution) if precisions else b""
    contract = opened.contract.at(resolution)
    given = given_to(images.calibration, contract, form.has_preprocessing)
    for precision in precisions:
        for each in done:
            if not has_precision(each.format, precision):
                note(f"{each.format} is not written in {precision}")
                continue
            found = in_precision(
                graph, each.format, precision, given, agreement=agreement
            )
            first = each.files[0]
            places = []
            for suffix, content in reversed([*found.contents.items()]):
                places.append(first.with_name(f"{first.stem}.{precision}{suffix}"))
                write_atomic(places[-1], content)
            files.append(
                GateFile(
                    files=tuple(reversed(places)),
                    precision=precision,
                    in_float=found.in_float,
                )
            )
    return files


def print_gate(gate: "Gate") -> None:
    """One table: runtime x precision."""
    print_table(
        (
            "runtime",
            "precision",
            "MB",
            "top-1 %",
            "agreement %",
            "ms",
            "95 %",
            "of torch",
        ),
        [
            (
                row.runtime,
                row.precision,
                f"{row.size_bytes / 1e6:.2f}",
                f"{row.accuracy:.2f}",
                f"{100 * row.agreement:.2f}",
                f"{row.latency_ms.median:.2f}",
                f"{row.latency_ms.least:.2f} to {row.latency_ms.most:.2f}",
                f"{row.ratio.median:.2f}",
            )
            for row in gate.rows
        ],
    )
    print(
        f"{gate.judged_images} images of {gate.data}, {gate.calibration_images} others for "
        f"calibration; milliseconds of one image, {gate.rows[0].latency_ms.count} rounds, "
        f"{gate.provenance.threads} threads"
    )


def _graph(
    opened: "Opened",
    done: "Sequence[Exported]",
    form: "GraphForm",
    resolution: int | None,
) -> bytes:
    """The ONNX graph that the formats are made of."""
    from rexpand.deploy import export

    for each in done:
        if each.format == "onnx":
            return each.files[0].read_bytes()
    with TemporaryDirectory() as folder:
        (only,) = export(opened, ["onnx"], folder, resolution=resolution, form=form)
        return only.files[0].read_bytes()


def _read(split: "Split") -> "tuple[Tensor, Tensor]":
    import torch

    batches = split.batches(
        batch_size=64, device=torch.device("cpu"), seed=None, augmentation=None
    )
    images, labels = zip(*batches, strict=True)
    return torch.cat(images).contiguous(), torch.cat(labels)
