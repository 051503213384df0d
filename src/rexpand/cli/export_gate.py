"""The gate of `rexpand export`: other precisions, judged on real images and timed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rexpand.cli.console import note, print_table

if TYPE_CHECKING:
    from torch import Tensor

    from rexpand.data.split import Split
    from rexpand.deploy import Exported, GraphForm
    from rexpand.deploy.calibration import Array
    from rexpand.latency.gate import GateFile, JudgedImages
    from rexpand.models import Opened
    from rexpand.records import Gate
    from rexpand.spec import ExportFormat, ExportPrecision

_MOST_CALIBRATED = 256  # images
_MOST_JUDGED = 1000
_LEAST = 0.97  # share of the images that keep their top class


@dataclass(frozen=True, kw_only=True)
class GatePlan:
    """What is written in other precisions, and how it is judged: on images of `data`."""

    data: str
    precisions: "tuple[ExportPrecision, ...]"
    is_accuracy_aware: bool
    least_agreement: float
    rounds: int


@dataclass(frozen=True, kw_only=True)
class GateImages:
    """Real images in two parts that share none: to calibrate, and to judge."""

    calibration: "Tensor"
    judged: "JudgedImages"


def gate_plan(
    formats: "Sequence[ExportFormat]",
    *,
    fp16: bool,
    bf16: bool,
    int8: bool,
    accuracy_aware: bool,
    least_agreement: float | None,
    rounds: int,
    data: str | None,
) -> GatePlan | None:
    """The gate that is asked for, by a precision or by an agreement; None without both."""
    from rexpand.errors import MistakeError
    from rexpand.spec import check_precision

    asked: list[tuple[ExportPrecision, bool]]
    asked = [("fp16", fp16), ("bf16", bf16), ("int8", int8)]
    precisions = tuple(precision for precision, is_asked in asked if is_asked)
    for precision in precisions:
        for each in formats:
            check_precision(each, precision)
    if accuracy_aware and not int8:
        raise MistakeError("--accuracy-aware is about int8; give --int8 too")
    if not precisions and least_agreement is None:
        return None
    if data is None:
        what = " and ".join(precisions) or "an agreement"
        raise MistakeError(f"{what} needs real images; give --data, such as imagenet")
    return GatePlan(
        data=data,
        precisions=precisions,
        is_accuracy_aware=accuracy_aware,
        least_agreement=_LEAST if least_agreement is None else least_agreement,
        rounds=rounds,
    )


def gate_images(
    plan: GatePlan, root: Path | None, opened: "Opened", resolution: int | None
) -> GateImages:
    """The labelled images of a data set, parted: for int8 at most a quarter calibrates."""
    from rexpand.data.labelled import load_labelled
    from rexpand.data.split import hold_out, stratified_subset
    from rexpand.deploy import check_calibration_classes
    from rexpand.latency.gate import JudgedImages

    labelled = load_labelled(plan.data, root=root)
    rest = labelled.seen_by(opened.contract, resolution).split
    calibration = None
    if "int8" in plan.precisions:
        count = min(_MOST_CALIBRATED, len(rest) // 4)
        if not count:
            check_calibration_classes(())
        rest, held_out = hold_out(rest, count, seed=0)
        calibration, classes = _read(held_out)
        check_calibration_classes(classes.numpy())
    if len(rest) > _MOST_JUDGED:
        rest = stratified_subset(rest, _MOST_JUDGED, seed=0)
    images, labels = _read(rest)
    if calibration is None:
        calibration = images[:0]
    return GateImages(
        calibration=calibration,
        judged=JudgedImages(
            data=plan.data, images=images, labels=labels, calibration=len(calibration)
        ),
    )


def run_gate(
    plan: GatePlan,
    network: str,
    opened: "Opened",
    done: "Sequence[Exported]",
    images: GateImages,
    *,
    form: "GraphForm",
    resolution: int | None,
) -> "Gate":
    """Write the other precisions beside the files in fp32, and judge all of them.

    The record lies beside them as NAME.gate.json.
    """
    from rexpand.codec import to_document
    from rexpand.deploy import given_to
    from rexpand.latency.gate import GateFile, judged
    from rexpand.records import write_atomic

    files = [GateFile(files=each.files, precision="fp32") for each in done]
    if plan.precisions:
        contract = opened.contract.at(resolution)
        files += _converted(
            plan,
            _graph(opened, done, form, resolution),
            done,
            given_to(images.calibration, contract, form.has_preprocessing),
        )
    gate = judged(
        network,
        opened.module,
        files,
        images.judged,
        least_agreement=plan.least_agreement,
        rounds=plan.rounds,
    )
    first = done[0].files[0]
    record = first.with_name(f"{first.stem}.gate.json")
    write_atomic(record, to_document(gate))
    note(f"wrote {record}")
    return gate


def check_gate(gate: "Gate") -> None:
    """Raise RunError if a file agrees on too few images."""
    from rexpand.errors import RunError

    if gate.refused:
        worst = min(gate.refused, key=lambda row: row.agreement)
        way_out = (
            "calibrate on more images, or leave layers in fp32 (--accuracy-aware)"
            if worst.precision == "int8"
            else "use another precision or runtime"
        )
        raise RunError(
            f"{worst.runtime} in {worst.precision} has the network's top class for "
            f"{worst.agreement:.1%} of the images, under {gate.least_agreement:.1%}; the "
            f"files are kept: {way_out}"
        )


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
    if gate.steadiness.problems:
        note(
            f"this machine was not steady: {'; '.join(gate.steadiness.problems)}; "
            "trust no latency here"
        )
    print(
        f"{gate.judged_images} images of {gate.data}, {gate.calibration_images} others for "
        f"calibration; milliseconds of one image, {gate.rows[0].latency_ms.count} rounds, "
        f"threads: {gate.provenance.threads}"
    )


def _converted(
    plan: GatePlan, graph: bytes, done: "Sequence[Exported]", calibration: "Array"
) -> "Iterator[GateFile]":
    from rexpand.deploy import LEAST_AGREEMENT, in_precision
    from rexpand.latency.gate import GateFile
    from rexpand.records import write_atomic

    agreement = LEAST_AGREEMENT if plan.is_accuracy_aware else None
    for precision in plan.precisions:
        for each in done:
            found = in_precision(
                graph, each.format, precision, calibration, agreement=agreement
            )
            first = each.files[0]
            places = {
                first.with_name(f"{first.stem}.{precision}{suffix}"): content
                for suffix, content in found.contents.items()
            }
            for place, content in reversed(places.items()):  # the opened one last
                write_atomic(place, content)
            yield GateFile(
                files=tuple(places), precision=precision, in_float=found.in_float
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
