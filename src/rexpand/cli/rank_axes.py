"""`rexpand rank axes`: Figure 1 with one axis of its protocol changed at a time."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

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
from rexpand.ranges import TRIALS


def axes(
    preset: Preset = "xavier",
    networks: Annotated[
        int, number(TRIALS, "--networks", help="Random networks per point.")
    ] = 100,
    structures: Structures = None,
    activations: Activations = None,
    dim_ratios: DimRatios = None,
    seed: Seed = 0,
    jobs: Jobs = None,
    device: Device = "auto",
    out: Annotated[
        Path,
        page_folder(
            "--out",
            own=["axes.json", "layers.json"],
            help="The run folder; that of `rank layers` for a page of both.",
        ),
    ] = Path("runs/rank_layers"),
    as_json: Json = False,
) -> None:
    """Repeat Figure 1, changing one axis of the protocol at a time.

    Writes axes.json. If the folder also holds layers.json, the page shows both.
    """
    use_device(device)
    from rexpand.cli.count_bar import CountBar
    from rexpand.codec import to_document
    from rexpand.rank.sensitivity import study_sensitivity, variations
    from rexpand.records import write_atomic

    name, protocol = changed_protocol(preset, {})
    design = layer_design(
        name, protocol, networks, structures, activations, dim_ratios, seed, None
    )
    where = study_device()
    total = design.total * len([*variations(protocol)])
    check_other(out)
    with CountBar("networks", total) as bar:
        study = study_sensitivity(
            design, workers=processes(jobs, where), device=where, advance=bar.advance
        )
    write_atomic(out / "axes.json", to_document(study))
    write_page(out)
    if as_json:
        print_json(asdict(study))
        return
    structures_seen = [*study.rows[0].deviations]
    print_table(
        ("axis", "value", *(f"deviation {each}" for each in structures_seen)),
        (
            (
                row.axis,
                row.value,
                *(f"{row.deviations[s]:.3f}" for s in structures_seen),
            )
            for row in study.rows
        ),
    )
    print(f"wrote {out / 'axes.json'}")
