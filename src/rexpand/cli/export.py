"""`rexpand export`: a network for other runtimes."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import print_json
from rexpand.cli.export_gate import (
    check_gate,
    gate_images,
    gate_plan,
    print_gate,
    run_gate,
)
from rexpand.cli.numbers import number
from rexpand.cli.opening import opened_source
from rexpand.cli.options import DataRoot, Json, Network, Resolution
from rexpand.cli.places import checked_file, checked_folder, output_place
from rexpand.ranges import AGREEMENT, ROUNDS

if TYPE_CHECKING:
    from torch import Tensor

    from rexpand.deploy import Exported
    from rexpand.models import Opened
    from rexpand.spec import ExportFormat, Source

# What timmx exports and we do not, with its extra (timmx 0.10).
_OF_TIMMX = MappingProxyType(
    {
        "coreml": "'timmx[coreml]'",
        "litert": "'timmx[litert]'",
        "executorch": "'timmx[executorch]'",
        "tensorrt": "'timmx[onnx]' tensorrt",
    }
)
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
    from rexpand.spec import Source

    source = Source.parse(network)
    formats = _formats(to, source)
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
    folder, name = _checked_place(out, source.stem, formats)
    if plan is not None:
        _check_gate_places(folder / name, formats, plan.precisions)
    from rexpand.codec import to_content
    from rexpand.deploy import TOLERANCE, GraphForm
    from rexpand.deploy import export as write

    opened = opened_source(source)
    images = real = gate = None
    if plan is not None:
        real = gate_images(plan, data_root, opened, resolution)
        images = real.judged.images[:_REAL_IMAGES]
    elif data is not None:
        images = _real_images(data, data_root, opened, resolution)
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
        gate = run_gate(
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
                "gate": None if gate is None else to_content(gate),
            }
        )
    else:
        for each in done:
            print(_line(each, TOLERANCE))
        print(f"images: {contract}")
        if gate is not None:
            print_gate(gate)
    if gate is not None:
        check_gate(gate)


def _formats(to: str, source: "Source") -> "tuple[ExportFormat, ...]":
    """The formats that are asked for; one that timmx writes is handed over in a line."""
    from rexpand.errors import MistakeError
    from rexpand.spec import find_formats

    names = [part.strip() for part in to.split(",")]
    for name in names:
        if name in _OF_TIMMX:
            raise MistakeError(
                f"{name} is written by timmx, from timm's network of this name: "
                f"pip install {_OF_TIMMX[name]} and timmx export {name} "
                f"{source.stem} --checkpoint WEIGHTS (docs/deployment.md)"
            )
    return find_formats(names)


def _real_images(
    data: str, root: Path | None, opened: "Opened", resolution: int | None
) -> "Tensor":
    """The first images of a data set's test split, as the network takes them."""
    import torch

    from rexpand.data.labelled import load_labelled

    labelled = load_labelled(data, root=root).seen_by(opened.contract, resolution)
    count = min(_REAL_IMAGES, len(labelled.split))
    batches = labelled.split.subset(range(count)).batches(
        batch_size=count, device=torch.device("cpu"), seed=None, augmentation=None
    )
    return next(iter(batches))[0].contiguous()


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


def _check_gate_places(
    place: Path, formats: "Sequence[ExportFormat]", precisions: "Sequence[str]"
) -> None:
    """Refuse what the gate cannot write: files in other precisions, and the record."""
    checked_file(place.with_name(f"{place.name}.gate.json"))
    for precision in precisions:
        for each in formats:
            for suffix in each.suffixes:
                checked_file(place.with_name(f"{place.name}.{precision}{suffix}"))


def _entry(done: "Exported") -> dict[str, Any]:
    return {
        "format": done.format,
        "files": [str(each) for each in done.files],
        "size_bytes": done.size_bytes,
        "difference": done.difference,
        "exporter": done.exporter,
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
