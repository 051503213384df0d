"""The gate of `rexpand export`: other precisions, judged on real images and timed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rexpand.cli.console import note

if TYPE_CHECKING:
    from rexpand.deploy import Exported, Friendliness, GraphForm
    from rexpand.latency.gate_images import GateImages
    from rexpand.models import Opened
    from rexpand.records import Gate
    from rexpand.size import Size
    from rexpand.spec import ExportFormat, ExportPrecision

_LEAST = 0.97  # share of the images that keep their top class
_LOOKED_AT = 64  # images, for a prediction: fewer have few close classes


@dataclass(frozen=True, kw_only=True)
class GatePlan:
    """What is written in other precisions, and how it is judged: on images of `data`."""

    data: str
    precisions: "tuple[ExportPrecision, ...]"
    is_accuracy_aware: bool
    least_agreement: float
    rounds: int


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """The record, and what was predicted of int8 before it was made."""

    gate: "Gate"
    friendliness: "Friendliness | None"


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
    from rexpand.spec import check_installed, check_precision

    asked: list[tuple[ExportPrecision, bool]]
    asked = [("fp16", fp16), ("bf16", bf16), ("int8", int8)]
    precisions = tuple(precision for precision, is_asked in asked if is_asked)
    for each in formats:
        for precision in precisions:
            check_precision(each, precision)
        check_installed(each, precisions)
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


def run_gate(
    plan: GatePlan,
    network: str,
    opened: "Opened",
    done: "Sequence[Exported]",
    images: "GateImages",
    *,
    form: "GraphForm",
    resolution: "Size | None",
) -> GateResult:
    """Write the other precisions beside the files in fp32, and judge all of them.

    The record lies beside them as NAME.gate.json. What is predicted of int8 is printed
    before it is made.
    """
    from rexpand.cli.export_text import friendliness_line
    from rexpand.codec import to_document
    from rexpand.deploy import (
        LEAST_AGREEMENT,
        ExportedFiles,
        friendliness,
        given_to,
        graph_behind,
        write_precisions,
    )
    from rexpand.latency.gate import judged
    from rexpand.records import write_atomic

    files = [ExportedFiles(files=each.files, precision="fp32") for each in done]
    predicted = None
    if plan.precisions:
        graph = graph_behind(opened, done, form, resolution)
        contract = opened.contract.at(resolution)
        given = given_to(images.calibration, contract, form.has_preprocessing)
        if "int8" in plan.precisions:
            predicted = friendliness(graph, given[:: -(-len(given) // _LOOKED_AT)])
            note(friendliness_line(predicted))
        files += write_precisions(
            graph,
            done,
            plan.precisions,
            given,
            agreement=LEAST_AGREEMENT if plan.is_accuracy_aware else None,
        )
    gate = judged(
        network,
        opened.module,
        files,
        images,
        least_agreement=plan.least_agreement,
        rounds=plan.rounds,
    )
    first = done[0].files[0]
    record = first.with_name(f"{first.stem}.gate.json")
    write_atomic(record, to_document(gate))
    note(f"wrote {record}")
    return GateResult(gate=gate, friendliness=predicted)


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
