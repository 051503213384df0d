"""`rexpand rank layers`: Figure 1, for the paper's structures or a user's block."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import print_json, print_table
from rexpand.cli.device import Device, use_device
from rexpand.cli.layer_options import (
    Activations,
    DimRatios,
    Jobs,
    Preset,
    Seed,
    Structures,
    changed_protocol,
    check_other,
    layer_design,
    processes,
    study_device,
    write_page,
)
from rexpand.cli.numbers import number
from rexpand.cli.options import Json
from rexpand.cli.places import page_folder
from rexpand.ranges import INPUT_SCALE, RESOLUTION, SAMPLES, TRIALS

if TYPE_CHECKING:
    from rexpand.records import LayerStudy


def layers(
    preset: Preset = "xavier",
    networks: Annotated[
        int, number(TRIALS, "--networks", help="Random networks per point.")
    ] = 1000,
    structures: Structures = None,
    activations: Activations = None,
    dim_ratios: DimRatios = None,
    block: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:FACTORY",
            help="Study your own block instead: a function (d_in, d_out, activation) "
            "that returns an nn.Module.",
        ),
    ] = None,
    inputs: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Distribution of inputs: uniform, symmetric, normal or rectified.",
        ),
    ] = None,
    input_scale: Annotated[
        float | None,
        number(INPUT_SCALE, "--input-scale", help="Factor of the inputs, e.g. 10."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Distribution of weights: normal, symmetric, kaiming, kaiming_out, "
            "xavier, lecun or torch; with --block also own.",
        ),
    ] = None,
    norm: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Batch norm: none, before or after the activation."
        ),
    ] = None,
    centres: Annotated[
        bool | None,
        typer.Option(
            "--centre/--no-centre", help="Whether the norm subtracts the mean."
        ),
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(metavar="RANGE", help="Range of d_out, e.g. 20-200.")
    ] = None,
    samples: Annotated[
        float | None,
        number(SAMPLES, "--samples", help="Positions per output channel, e.g. 2."),
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option(
            metavar="TOLERANCE",
            help="Which singular values count: torch, relative:1e-3, absolute:0.1 or "
            "energy:0.99.",
        ),
    ] = None,
    spatial_size: Annotated[
        int | None,
        number(
            RESOLUTION, "--spatial-size", help="Side of the images in pixels, e.g. 1."
        ),
    ] = None,
    expansions: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help="The bottlenecks' expansions, e.g. 1-4 or 1,6."
        ),
    ] = None,
    shortcut: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The bottlenecks' shortcut: padded (with zeros), equal (only where "
            "channels are) or none.",
        ),
    ] = None,
    activated: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The activated convolutions of a bottleneck: both (all but the "
            "projection), first, second, all, or rexnet (ReLU6 after the second).",
        ),
    ] = None,
    expands_by_one: Annotated[
        bool | None,
        typer.Option(
            "--expand-by-one/--no-expand-by-one",
            help="Whether a bottleneck of expansion 1 has its first 1x1.",
        ),
    ] = None,
    definition: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Definition of rank: numerical, entropy, stable, participation or "
            "nuclear.",
        ),
    ] = None,
    seed: Seed = 0,
    jobs: Jobs = None,
    device: Device = "auto",
    out: Annotated[
        Path,
        page_folder("--out", own=["axes.json", "layers.json"], help="The run folder."),
    ] = Path("runs/rank_layers"),
    as_json: Json = False,
) -> None:
    """Figure 1: mean rank ratio of random layers against dim_ratio.

    Writes layers.json, and report.html with figures and verdicts on the paper's claims.
    Options of the protocol that you leave out have the preset's values.
    """
    use_device("cpu" if block else device)  # blocks are built on the CPU
    from rexpand.cli.count_bar import CountBar
    from rexpand.codec import to_document
    from rexpand.rank.layers import study_layers
    from rexpand.rank.protocol import with_choices, with_range
    from rexpand.rank.tolerance import parse
    from rexpand.records import write_atomic

    changes = {
        "inputs": inputs,
        "input_scale": input_scale,
        "weights": weights,
        "norm": norm,
        "centres": centres,
        "sizes": with_range(sizes, "sizes") if sizes else None,
        "samples_per_channel": samples,
        "tolerance": parse(tolerance) if tolerance else None,
        "spatial_size": spatial_size,
        "expansions": with_choices(expansions, "expansions") if expansions else None,
        "shortcut": shortcut,
        "activated": activated,
        "expands_by_one": expands_by_one,
        "definition": definition,
    }
    name, protocol = changed_protocol(preset, changes)
    design = layer_design(
        name, protocol, networks, structures, activations, dim_ratios, seed, block
    )
    where = study_device()
    workers = processes(jobs, where)
    check_other(out)
    with CountBar("networks", design.total) as bar:
        study = study_layers(design, workers=workers, device=where, advance=bar.advance)
    write_atomic(out / "layers.json", to_document(study))
    page = write_page(out)
    if as_json:
        print_json({**asdict(study), "report": str(page)})
        return
    _print_study(study)
    print(f"wrote {page}")


def _print_study(study: "LayerStudy") -> None:
    """The curves of each structure, the deviations, and the verdicts on the claims."""
    for structure in study.structures:
        print(f"\n{structure}: mean rank ratio ({study.definition})")
        print_table(
            ("activation", *(f"{ratio:g}" for ratio in study.dim_ratios)),
            [_curve(study, structure, each) for each in study.activations],
        )
    if study.deviations:
        print("\nmean absolute deviation from the printed Figure 1")
        print_table(
            ("structure", "points", "deviation", "worst", "at"),
            [
                (
                    each.structure,
                    each.points,
                    f"{each.mean_absolute:.3f}",
                    f"{each.worst:.3f}",
                    f"{each.worst_activation} {each.worst_dim_ratio:g}",
                )
                for each in study.deviations
            ],
        )
    print(f"\nthe paper's claims ({study.definition})")
    own = [each for each in study.verdicts if each.definition == study.definition]
    print_table(
        ("claim", "verdict", "where"),
        [(each.claim, each.verdict, each.condition) for each in own],
    )


def _curve(study: "LayerStudy", structure: str, activation: str) -> Sequence[str]:
    found = [
        point
        for point in study.points
        if (point.structure, point.activation) == (structure, activation)
    ]
    return (activation, *(f"{point.rank_ratio:.3f}" for point in found))
