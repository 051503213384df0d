"""`rexpand export`: a network for other runtimes."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import print_json
from rexpand.cli.export_gate import check_gate, gate_plan, run_gate
from rexpand.cli.export_text import export_line, print_gate
from rexpand.cli.numbers import number
from rexpand.cli.opening import opened_source
from rexpand.cli.options import DataRoot, Json, Network, Resolution
from rexpand.cli.places import output_place
from rexpand.ranges import AGREEMENT, ROUNDS
from rexpand.size import Size

if TYPE_CHECKING:
    from torch import Tensor

    from rexpand.cli.export_gate import GateResult
    from rexpand.data.labelled import Labelled
    from rexpand.deploy import Exported
    from rexpand.models import Opened

_REAL_IMAGES = 32


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
    free_size: Annotated[
        bool,
        typer.Option(
            "--free-size", help="The files take images of any size, where they can."
        ),
    ] = False,
    with_preprocessing: Annotated[
        bool,
        typer.Option(
            "--with-preprocessing",
            help="Normalisation inside: the files take bytes, (images, height, width, "
            "channels). Resizing stays outside.",
        ),
    ] = False,
    with_softmax: Annotated[
        bool,
        typer.Option("--with-softmax", help="Softmax inside: probabilities come out."),
    ] = False,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="Write int8 too, calibrated on images of --data."),
    ] = False,
    fp16: Annotated[bool, typer.Option("--fp16", help="Write fp16 too.")] = False,
    bf16: Annotated[
        bool, typer.Option("--bf16", help="Write bf16 too (OpenVINO).")
    ] = False,
    accuracy_aware: Annotated[
        bool,
        typer.Option(
            "--accuracy-aware",
            help="Leave the layers that hurt in fp32, until int8 agrees on 98 % of the "
            "calibration images.",
        ),
    ] = False,
    least_agreement: Annotated[
        float | None,
        number(
            AGREEMENT,
            "--least-agreement",
            metavar="SHARE",
            help="Fail if fewer of the real images keep their top class (default: 0.97).",
        ),
    ] = None,
    rounds: Annotated[
        int, number(ROUNDS, "--rounds", help="Rounds of the timing.")
    ] = 15,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="DATA",
            help="Compare scores on real images too: a name from `rexpand data list`, "
            "an .npz file, hf:PLACE, or a folder of images or shards.",
        ),
    ] = None,
    data_root: DataRoot = None,
    as_json: Json = False,
) -> None:
    """Write a network with its weights for other runtimes.

    The files take any number of images at once. They are written only if the scores of
    random images agree with the network's. Inside are the image contract (size, crop,
    normalisation) and the names of the classes.
    """
    from rexpand.cli.export_places import (
        asked_formats,
        check_gate_places,
        checked_place,
    )
    from rexpand.spec import Source

    source = Source.parse(network)
    formats = asked_formats(to, source)
    plan = gate_plan(
        formats,
        fp16=fp16,
        bf16=bf16,
        int8=int8,
        accuracy_aware=accuracy_aware,
        least_agreement=least_agreement,
        rounds=rounds,
        data=data,
    )
    folder, name = checked_place(out, source.stem, formats)
    if plan is not None:
        check_gate_places(folder / name, formats, plan.precisions)
    from rexpand.codec import to_content
    from rexpand.deploy import TOLERANCE, GraphForm
    from rexpand.deploy import export as write
    from rexpand.latency.gate_images import gate_images

    opened = opened_source(source)
    images = real = result = None
    if data is not None:
        seen = _seen(data, data_root, opened, resolution)
        if plan is None:
            images = _first_images(seen)
        else:
            real = gate_images(seen, has_calibration="int8" in plan.precisions)
            images = real.images[:_REAL_IMAGES]
    form = GraphForm(
        has_preprocessing=with_preprocessing,
        has_softmax=with_softmax,
        has_free_size=free_size,
    )
    done = write(
        opened,
        [each.name for each in formats],
        folder,
        name=name,
        resolution=resolution,
        form=form,
        images=images,
    )
    if plan is not None and real is not None:
        result = run_gate(
            plan, str(source), opened, done, real, form=form, resolution=resolution
        )
    contract = opened.contract.at(resolution)
    if as_json:
        print_json(
            {
                "network": source.label,
                "weights": str(source.weights) if source.weights else None,
                "contract": asdict(contract.without_names()),
                "class_names": list(contract.class_names),
                "free_size": free_size,
                "has_preprocessing": with_preprocessing,
                "has_softmax": with_softmax,
                "real_images": 0 if images is None else len(images),
                "tolerance": TOLERANCE,
                "exports": [_entry(each) for each in done],
                "friendliness": _predicted(result),
                "gate": None if result is None else to_content(result.gate),
            }
        )
    else:
        for each in done:
            print(export_line(each, TOLERANCE))
        print(f"images: {contract}")
        if result is not None:
            print_gate(result.gate)
    if result is not None:
        check_gate(result.gate)


def _seen(
    data: str, root: Path | None, opened: "Opened", resolution: Size | None
) -> "Labelled":
    from rexpand.data.labelled import load_labelled

    return load_labelled(data, root=root).seen_by(opened.contract, resolution)


def _first_images(labelled: "Labelled") -> "Tensor":
    """The first images of a test split, as the network takes them."""
    import torch

    count = min(_REAL_IMAGES, len(labelled.split))
    batches = labelled.split.subset(range(count)).batches(
        batch_size=count, device=torch.device("cpu"), seed=None, augmentation=None
    )
    return next(iter(batches))[0].contiguous()


def _predicted(result: "GateResult | None") -> dict[str, Any] | None:
    """What was predicted of int8, as JSON."""
    if result is None or result.friendliness is None:
        return None
    found = result.friendliness
    return {**asdict(found), "at_risk": [each.layer for each in found.at_risk]}


def _entry(done: "Exported") -> dict[str, Any]:
    return {
        "format": done.format,
        "files": [str(each) for each in done.files],
        "size_bytes": done.size_bytes,
        "difference": done.difference,
        "exporter": done.exporter,
        "operators": dict(done.operators),
    }
