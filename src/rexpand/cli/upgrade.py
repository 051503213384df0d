"""`rexpand upgrade`: a network with linear channels instead, at equal cost."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli import upgrade_tables as tables
from rexpand.cli.console import note, print_json
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    DataRoot,
    Epochs,
    Jobs,
    Json,
    MultipleOf,
    Network,
    RecipeName,
    Resolution,
    TrainSubset,
)
from rexpand.cli.places import output_file, page_folder, run_folder
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import INTERCEPT, SEEDS

if TYPE_CHECKING:
    from rexpand.advise.carry import Carried
    from rexpand.advise.equal_cost import Upgrade
    from rexpand.advise.find import Found
    from rexpand.models import Network as TrainedNetwork
    from rexpand.recipe import Recipe
    from rexpand.records import ComparisonSummary
    from rexpand.search.comparison import Comparison
    from rexpand.spec import NetworkSpec, Source

_SPEC_FILES = (".toml", ".safetensors")


class KeepName(StrEnum):
    """The cost that the upgrade keeps equal."""

    MACS = "macs"
    PARAMS = "params"
    LATENCY = "latency"


@dataclass(frozen=True, kw_only=True)
class _Training:
    """What `--train` asks for."""

    data: str
    seeds: int
    recipe: str | None
    epochs: int | None
    train_subset: int
    jobs: int
    root: Path | None
    resolution: int | None


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
    jobs: Jobs = 1,
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

    source = Source.parse(network)
    if write_before is not None and write_before.suffix not in _SPEC_FILES:
        raise SpecError(f"'{write_before}' is neither a .toml nor a .safetensors file")
    found = find_inverted(source, resolution)
    if write_before is not None:
        _leave_before(source, found, write_before)
    spec, training = found.spec, None
    if train is not None:
        training = _Training(
            data=train, seeds=seeds, recipe=recipe, epochs=epochs,
            train_subset=train_subset, jobs=jobs, root=data_root,
            resolution=resolution or source.stated_resolution,
        )  # fmt: skip
    spec = _for_images(spec, training)
    folder = out or run_folder("upgrade", spec.name, keep.value)
    upgraded = _upgraded(spec, keep.value, multiple_of, intercept, runtime)
    document = tables.document(upgraded) | {"folder": str(folder)}
    carried = _carried(source, found, upgraded, spec) if carry else None
    with comparison_folder(folder).given_up_if_refused():
        design = _design(upgraded, training, folder) if training else None
        write_atomic(folder / "network.toml", network_to_toml(upgraded.after))
        if not as_json:
            tables.show(upgraded)
        if carried:
            document["carried"] = _leave_carried(carried, found, folder)
        if training is None:
            document["report"] = _leave_page(upgraded, folder)
        if training and design:
            comparison = _compared(design, training, folder)
            document["comparison"] = asdict(comparison)
            document["report"] = _leave_page(upgraded, folder, comparison)
            if not as_json:
                tables.show_verdict(comparison)
    if as_json:
        print_json(document)
    else:
        note(f"wrote {folder}")


def _leave_before(source: "Source", found: "Found", file: Path) -> None:
    """The network as it was read, with its weights where the file holds them."""
    if file.suffix == ".safetensors":
        from rexpand.models import save_network

        save_network(_trained(source, found, file.name), file, found.contract)
    else:
        from rexpand.records import write_atomic
        from rexpand.spec import network_to_toml

        write_atomic(file, network_to_toml(found.spec))
    note(f"wrote {file}: {found.spec.name} as it was read")


def _trained(source: "Source", found: "Found", asker: str) -> "TrainedNetwork":
    from rexpand.errors import CheckpointError

    if found.trained is None:
        raise CheckpointError(
            f"{asker} needs weights, and {source} has none; give a checkpoint of "
            f"rexpand, or {source.label}@FILE"
        )
    return found.trained


def _for_images(spec: "NetworkSpec", training: _Training | None) -> "NetworkSpec":
    """The network that is upgraded: fitted to the images and classes of the data."""
    if training is None:
        return spec
    from rexpand.data.dataset import check_subset
    from rexpand.data.load import load
    from rexpand.train import fitted

    data = load(training.data, root=training.root, file_resolution=training.resolution)
    check_subset(data, training.train_subset, held_out=_recipe(training).validation)
    return fitted(spec, data)


def _recipe(training: _Training) -> "Recipe":
    """The requested recipe, or the default recipe of the data."""
    from rexpand.data.catalogue import recipe_for
    from rexpand.recipe import find_recipe

    chosen = (
        find_recipe(training.recipe)
        if training.recipe
        else recipe_for(training.data, training.root)
    )
    return chosen.with_epochs(training.epochs) if training.epochs else chosen


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


def _carried(
    source: "Source", found: "Found", upgraded: "Upgrade", spec: "NetworkSpec"
) -> "Carried":
    from rexpand.advise.carry import carry_weights
    from rexpand.errors import CheckpointError

    network = _trained(source, found, "--carry-weights")
    trained = network.spec
    if (trained.num_classes, trained.in_channels) != (
        spec.num_classes,
        spec.in_channels,
    ):
        raise CheckpointError(
            f"the weights of {source} are for {trained.num_classes} classes, the data has "
            f"{spec.num_classes}; leave out --carry-weights or --train"
        )
    return carry_weights(network, upgraded.after)


def _leave_carried(carried: "Carried", found: "Found", folder: Path) -> dict[str, Any]:
    """The network with the weights, for the images that they were trained on."""
    from rexpand.models import save_network

    save_network(carried.network, folder / "network.safetensors", found.contract)
    kept = "no width is narrower" if carried.preserves else "some widths are narrower"
    note(
        f"weights carried: {kept}; the scores of two random images differ by "
        f"{carried.gap:.2g} of the largest"
    )
    return {"preserves": carried.preserves, "gap": carried.gap}


def _leave_page(
    upgraded: "Upgrade", folder: Path, comparison: "ComparisonSummary | None" = None
) -> str | None:
    """The page and figures of both networks, if the report extra is installed."""
    from rexpand.errors import MissingExtraError
    from rexpand.records import this_provenance
    from rexpand.report import write_upgrade_report

    try:
        files = write_upgrade_report(
            upgraded.before,
            upgraded.after,
            folder,
            kept=tables.kept(upgraded),
            comparison=comparison,
            origin=this_provenance(("rexpand", "torch"), threads=None),
        )
    except MissingExtraError as missing:
        note(f"no page: {missing}")
        return None
    return str(files.page)


def _design(upgraded: "Upgrade", training: _Training, folder: Path) -> "Comparison":
    """The comparison; raises StudyError if its folder holds another one."""
    from rexpand.search.comparison import Comparison, create_comparison

    design = Comparison(
        before=upgraded.before,
        after=upgraded.after,
        recipe=_recipe(training),
        data=training.data,
        seeds=training.seeds,
        train_subset=training.train_subset,
    )
    return create_comparison(design, folder)


def _compared(
    design: "Comparison", training: _Training, folder: Path
) -> "ComparisonSummary":
    """Train both networks with every seed; the verdict."""
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.search.comparison import run_comparison
    from rexpand.search.workers import workers_for

    with resumable(SAME_COMMAND), Bars() as bars:
        seen = StudyBars(bars)
        workers = workers_for(training.jobs, seen)
        return run_comparison(design, folder, workers, seen, training.root)
