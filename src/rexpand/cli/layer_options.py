"""What `rank layers` and `rank axes` share: options, design, device, page."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.device import device_in_use
from rexpand.cli.numbers import number
from rexpand.ranges import JOBS, SEED

if TYPE_CHECKING:
    from rexpand.rank.layers import LayerDesign
    from rexpand.rank.protocol import Protocol

Preset = Annotated[
    str,
    typer.Option(
        "--preset",
        metavar="PRESET",
        help="The protocol: xavier (nearest to the paper's figure), paper (fitted to two "
        "of its panels), stated (as its text says) or features (closer to real networks).",
    ),
]
Structures = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Some of conv1x1, conv3x3, inverted_bottleneck, inverted_bottleneck_dw, "
        "separated by commas (default: all).",
    ),
]
Activations = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Some of linear, relu, relu6, leaky_relu, elu, softplus, hard_swish, "
        "silu, separated by commas (default: all).",
    ),
]
DimRatios = Annotated[
    str | None,
    typer.Option(
        "--dim-ratios",
        metavar="LIST",
        help="For example 0.1,0.5,1.0 (default: 0.1, 0.2, ... 1.0).",
    ),
]
Seed = Annotated[int, number(SEED, "--seed", help="Seed of the random networks.")]
Jobs = Annotated[
    int | None,
    number(JOBS, "--jobs", help="Processes (default: one per core)."),
]


def check_other(folder: Path) -> None:
    """Raise RecordError now if the study that the page shows too cannot be read."""
    from rexpand.records import LayerStudy, SensitivityStudy, read_record

    layers, axes = folder / "layers.json", folder / "axes.json"
    if layers.exists():
        read_record(LayerStudy, layers)
    if axes.exists():
        read_record(SensitivityStudy, axes)


def write_page(folder: Path) -> Path | None:
    """Write the page of a folder; None if the folder has no layers.json."""
    from rexpand.records import LayerStudy, SensitivityStudy, read_record
    from rexpand.report import write_layers_report

    layers, axes = folder / "layers.json", folder / "axes.json"
    if not layers.is_file():
        return None
    study = read_record(LayerStudy, layers)
    sensitivity = read_record(SensitivityStudy, axes) if axes.is_file() else None
    return write_layers_report(study, folder, sensitivity).page


def changed_protocol(preset: str, changes: dict[str, Any]) -> tuple[str, "Protocol"]:
    """A preset with what was changed, and a name that says so."""
    from rexpand.rank.protocol import preset as find_preset

    given = {key: value for key, value in changes.items() if value is not None}
    protocol = replace(find_preset(preset), **given)
    return f"{preset}, but {', '.join(given)}" if given else preset, protocol


def layer_design(
    preset: str,
    protocol: "Protocol",
    networks: int,
    structures: str | None,
    activations: str | None,
    dim_ratios: str | None,
    seed: int,
    block: str | None,
) -> "LayerDesign":
    """A design from the options: names and numbers separated by commas."""
    from rexpand.rank.layers import ACTIVATIONS, DIM_RATIOS, LayerDesign
    from rexpand.rank.structures import STRUCTURES

    return LayerDesign(
        preset=preset,
        protocol=protocol,
        structures=_names(structures) or STRUCTURES,
        activations=_names(activations) or ACTIVATIONS,
        dim_ratios=tuple(map(_ratio, _names(dim_ratios))) or DIM_RATIOS,
        networks=networks,
        seed=seed,
        block=block,
    )


def _names(text: str | None) -> tuple[str, ...]:
    """Names separated by commas, each once."""
    parts = (part.strip() for part in (text or "").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _ratio(text: str) -> float:
    from rexpand.errors import RankError

    try:
        return float(text)
    except ValueError:
        raise RankError(
            f"dim_ratio '{text}' is not a number; write 0.1,0.5,1.0"
        ) from None


def study_device() -> str:
    """The kind of the device in use; the CPU for one without float64, as ranks need."""
    kind = device_in_use().type
    return "cpu" if kind == "mps" else kind


def processes(jobs: int | None, device: str) -> int:
    """The requested number of processes, else one per core that we may use."""
    if device != "cpu":
        return 1  # a GPU is kept busy by one process
    if jobs:
        return jobs
    has_affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
