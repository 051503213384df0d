"""`rexpand upgrade`: a network with linear channels instead, at equal cost."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli import upgrade_files as files
from rexpand.cli import upgrade_tables as tables
from rexpand.cli.console import note, print_json
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    DataRoot,
    Epochs,
    Json,
    MultipleOf,
    Network,
    RecipeName,
    Resolution,
    TrainSubset,
)
from rexpand.cli.places import output_file, page_folder, run_folder
from rexpand.cli.upgrade_training import (
    Training,
    compared,
    created_comparison,
    fitted_to_data,
)
from rexpand.cli.worker_options import WorkerOptions, takes_workers
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import INTERCEPT, SEEDS

if TYPE_CHECKING:
    from rexpand.advise.equal_cost import Upgrade
    from rexpand.spec import NetworkSpec

_SPEC_FILES = (".toml", ".safetensors")


class KeepName(StrEnum):
    """The cost that the upgrade keeps equal."""

    MACS = "macs"
    PARAMS = "params"
    LATENCY = "latency"


@takes_workers
def upgrade(
    network: Network,
    keep: Annotated[
        KeepName, typer.Option("--keep", help="The cost that stays equal.")
    ] = KeepName.MACS,
    multiple_of: MultipleOf = 1,
    intercept: Annotated[
        float | None,
        number(
            INTERCEPT,
            "--intercept",
            help="Where the line starts (default: the network's first channels).",
        ),
    ] = None,
    resolution: Resolution = None,
    runtime: Annotated[
        str,
        typer.Option(
            "--runtime",
            metavar="RUNTIME",
            help="For --keep latency: time under torch, onnxruntime or compile.",
        ),
    ] = "torch",
    carry: Annotated[
        bool,
        typer.Option(
            "--carry-weights",
            help="Also write network.safetensors with the network's weights fitted to "
            "the new channels.",
        ),
    ] = False,
    write_before: Annotated[
        Path | None,
        output_file(
            "--write-before",
            help="Also write the network as it was read: a .toml file, or a .safetensors "
            "file with its weights.",
        ),
    ] = None,
    train: Annotated[
        str | None,
        typer.Option(
            "--train",
            metavar="DATA",
            help="Train both networks on this data set and compare them.",
        ),
    ] = None,
    seeds: Annotated[
        int,
        number(
            SEEDS,
            "--seeds",
            help="Train each network N times, with seeds 0 to N - 1.",
        ),
    ] = 5,
    recipe: RecipeName = None,
    epochs: Epochs = None,
    train_subset: TrainSubset = 0,
    data_root: DataRoot = None,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["comparison.json"],
            help="The run folder (default: runs/upgrade-NETWORK-KEEP).",
        ),
    ] = None,
    as_json: Json = False,
    *,
    crew: WorkerOptions,
) -> None:
    """Replace the channels by a line of equal macs, params or latency.

    Writes network.toml, and report.html with its figures; with --train also every record
    and verdict.json. Run the same command again to continue after a stop.
    """
    return_freed_memory()
    from rexpand.advise.find import find_inverted
    from rexpand.errors import SpecError
    from rexpand.records import write_atomic
    from rexpand.search.comparison import comparison_folder
    from rexpand.spec import Source, network_to_toml

    placed = crew.placed()
    source = Source.parse(network)
    if write_before is not None and write_before.suffix not in _SPEC_FILES:
        raise SpecError(f"'{write_before}' is neither a .toml nor a .safetensors file")
    found = find_inverted(source, resolution)
    if write_before is not None:
        files.write_before(source, found, write_before)
    spec, training = found.spec, None
    if train is not None:
        training = Training(
            data=train, seeds=seeds, recipe=recipe, epochs=epochs,
            train_subset=train_subset, placed=placed, root=data_root,
            resolution=resolution.side if resolution else source.stated_resolution,
        )  # fmt: skip
    spec = fitted_to_data(spec, training)
    folder = out or run_folder("upgrade", spec.name, keep.value)
    upgraded = _upgraded(spec, keep.value, multiple_of, intercept, runtime)
    document = tables.document(upgraded) | {"folder": str(folder)}
    carried = files.carried_network(source, found, upgraded, spec) if carry else None
    with comparison_folder(folder).given_up_if_refused():
        design = created_comparison(upgraded, training, folder) if training else None
        write_atomic(folder / "network.toml", network_to_toml(upgraded.after))
        if not as_json:
            tables.show(upgraded)
        if carried:
            document["carried"] = files.write_carried(carried, found, folder)
        comparison = None
        if training and design:
            comparison = compared(design, training, folder)
            document["comparison"] = asdict(comparison)
        document["report"] = files.write_page(upgraded, folder, comparison)
        if comparison and not as_json:
            tables.show_verdict(comparison)
    if as_json:
        print_json(document)
    else:
        note(f"wrote {folder}")


def _upgraded(
    spec: "NetworkSpec",
    keep: Any,
    multiple_of: int,
    intercept: float | None,
    runtime: str,
) -> "Upgrade":
    from rexpand.advise.equal_cost import upgrade as upgrade_channels

    if keep != "latency":
        return upgrade_channels(
            spec, keep, multiple_of=multiple_of, intercept=intercept
        )
    from rexpand.latency.runtimes import find_runtimes

    (found,) = find_runtimes([runtime])
    return upgrade_channels(
        spec,
        keep,
        multiple_of=multiple_of,
        intercept=intercept,
        runtime=found,
        on_slope=lambda slope, ratio: note(
            f"slope {slope:.3f}: {ratio:.3f} times the latency"
        ),
    )
