"""What `rexpand upgrade` writes besides the spec: networks with weights, the page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.cli import upgrade_tables as tables
from rexpand.cli.console import note, page_of

if TYPE_CHECKING:
    from rexpand.advise.carry import Carried
    from rexpand.advise.equal_cost import Upgrade
    from rexpand.advise.find import Found
    from rexpand.models import Network
    from rexpand.records import ComparisonSummary
    from rexpand.spec import NetworkSpec, Source


def write_before(source: "Source", found: "Found", file: Path) -> None:
    """The network as it was read, with its weights where the file holds them."""
    if file.suffix == ".safetensors":
        from rexpand.models import save_network

        save_network(_trained(source, found, file.name), file, found.contract)
    else:
        from rexpand.records import write_atomic
        from rexpand.spec import network_to_toml

        write_atomic(file, network_to_toml(found.spec))
    note(f"wrote {file}: {found.spec.name} as it was read")


def _trained(source: "Source", found: "Found", asker: str) -> "Network":
    from rexpand.errors import CheckpointError

    if found.trained is None:
        raise CheckpointError(
            f"{asker} needs weights, and {source} has none; give a checkpoint of "
            f"rexpand, or {source.label}@FILE"
        )
    return found.trained


def carried_network(
    source: "Source", found: "Found", upgraded: "Upgrade", spec: "NetworkSpec"
) -> "Carried":
    """The upgraded network with the weights; CheckpointError if there are none for it."""
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


def write_carried(carried: "Carried", found: "Found", folder: Path) -> dict[str, Any]:
    """The network with the weights, for the images that they were trained on."""
    from rexpand.models import save_network

    save_network(carried.network, folder / "network.safetensors", found.contract)
    kept = "no width is narrower" if carried.preserves else "some widths are narrower"
    note(
        f"weights carried: {kept}; the scores of two random images differ by "
        f"{carried.gap:.2g} of the largest"
    )
    return {"preserves": carried.preserves, "gap": carried.gap}


def write_page(
    upgraded: "Upgrade", folder: Path, comparison: "ComparisonSummary | None" = None
) -> str | None:
    """The page and figures of both networks, if the report extra is installed."""
    from rexpand.records import this_provenance
    from rexpand.report import write_upgrade_report

    return page_of(
        lambda: write_upgrade_report(
            upgraded.before,
            upgraded.after,
            folder,
            kept=tables.kept(upgraded),
            comparison=comparison,
            origin=this_provenance(("rexpand", "torch"), threads=None),
        )
    )
