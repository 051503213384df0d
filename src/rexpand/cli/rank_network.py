"""`rexpand rank network`: the rank of every layer of a network, or of several."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.options import Data, DataRoot, Json, Out

if TYPE_CHECKING:
    from torch import nn

    from rexpand.data.dataset import DataSet
    from rexpand.rank import Positions, RankPlan
    from rexpand.records import NetworkRank


def network(
    networks: Annotated[
        list[str],
        typer.Argument(
            metavar="NETWORK[@WEIGHTS]...",
            help="A NETWORK, or one with a file of weights by its own names.",
        ),
    ],
    data: Data = "digits",
    positions: Annotated[
        str, typer.Option("--positions", help="all, strided (a grid) or pooled.")
    ] = "strided",
    images: Annotated[
        int, typer.Option("--images", min=1, help="Of the test images, at most.")
    ] = 1000,
    layers: Annotated[
        str | None,
        typer.Option("--layers", help="Only names that match, such as 'blocks.3.*'."),
    ] = None,
    tolerance: Annotated[
        str, typer.Option(help="relative:1e-3, torch, absolute:0.1, energy:0.99.")
    ] = "relative:1e-3",
    resolution: Annotated[
        int | None, typer.Option("--resolution", min=1, help="Instead of the images'.")
    ] = None,
    batch_size: Annotated[int, typer.Option("--batch-size", min=1)] = 32,
    data_root: DataRoot = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Rank ratio, effective rank, nuclear norm and spectrum of every layer.

    Leaves spectra.json and report.html with its figures; several networks are drawn on
    one axis.
    """
    from rexpand.codec import to_content, to_document
    from rexpand.rank import RankPlan
    from rexpand.rank.tolerance import parse
    from rexpand.records import NetworkRanks, write_atomic
    from rexpand.report import write_network_rank_report

    plan = RankPlan(
        images=images,
        positions=cast("Positions", positions),
        layers=layers,
        tolerance=parse(tolerance),
        batch_size=batch_size,
    )
    source = Source(data=data, root=data_root, resolution=resolution)
    ranks = _distinct([ranked(name, source, plan) for name in networks])
    folder = out or Path("runs") / f"rank-{ranks[0].name.replace(':', '-')}"
    found = NetworkRanks(networks=tuple(map(_rounded, ranks)))
    write_atomic(folder / "spectra.json", to_document(found))
    page = write_network_rank_report(ranks, folder).page
    if as_json:
        print_json({**to_content(found), "report": str(page)})
        return
    for each in ranks:
        print_layers(each)
    print(f"wrote {page}")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the images come from."""

    data: str
    root: Path | None
    resolution: int | None


def ranked(name: str, source: Source, plan: "RankPlan") -> "NetworkRank":
    import torch

    from rexpand.cli.count_bar import CountBar
    from rexpand.models import Network
    from rexpand.rank import rank_network

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    module, dataset, weights = _found(name, source)
    module = module.to(device).to(memory_format=torch.channels_last)
    label = name.partition("@")[0]
    images = min(plan.images, len(dataset.test))
    with CountBar(f"{label}, images of {source.data}", images) as bar:
        return rank_network(
            module,
            dataset.test,
            plan,
            name=module.spec.name if isinstance(module, Network) else label,
            weights=weights,
            data=source.data,
            device=device,
            on_images=bar.advance,
        )


def _found(name: str, source: Source) -> "tuple[nn.Module, DataSet, str]":
    """The module, images of its size, and where its weights come from."""
    import torch

    from rexpand.data.load import load
    from rexpand.models import build, find_module, load_network, load_weights
    from rexpand.spec import find_network, is_foreign
    from rexpand.train import check_fits, fitted

    label, _, weights = name.partition("@")
    torch.manual_seed(0)  # of weights that no file gives
    if label.endswith(".safetensors"):
        network = load_network(Path(label))
        dataset = load(
            source.data,
            root=source.root,
            resolution=source.resolution or network.spec.resolution,
        )
        check_fits(network.spec, dataset, label)
        return network, dataset, label
    dataset = load(source.data, root=source.root, resolution=source.resolution)
    module = (
        find_module(label)
        if is_foreign(label)
        else build(fitted(find_network(label), dataset))
    )
    if weights:
        load_weights(module, Path(weights))
    else:
        note(f"{label} has random weights; give {label}@FILE, or a checkpoint of ours")
    return module, dataset, weights or "random"


def _rounded(found: "NetworkRank") -> "NetworkRank":
    """The record, its many singular values to six digits."""
    layers = (
        replace(
            layer,
            singular_values=tuple(float(f"{v:.6g}") for v in layer.singular_values),
        )
        for layer in found.layers
    )
    return replace(found, layers=tuple(layers))


def _distinct(ranks: "list[NetworkRank]") -> "list[NetworkRank]":
    """Networks of one name, told apart by their weights."""
    names = [found.name for found in ranks]
    return [
        replace(found, name=f"{found.name}, {found.weights}")
        if names.count(found.name) > 1
        else found
        for found in ranks
    ]


def print_layers(found: "NetworkRank") -> None:
    """A line a layer: its ranks beside its params and macs."""
    print(
        f"{found.name} ({found.weights} weights): {count(found.params)} params, "
        f"{count(found.macs)} macs; {found.images:,} images of {found.data} at "
        f"{found.resolution} pixels, positions {found.positions}, {found.tolerance}"
    )
    rows = [
        [
            layer.name,
            layer.kind,
            layer.channels,
            "-" if layer.dim_ratio is None else f"{layer.dim_ratio:.2f}",
            f"{layer.rank_ratio:.3f}{'*' if layer.bounded_by_samples else ''}",
            f"{layer.effective_rank:.1f}",
            f"{layer.nuclear_norm:.4g}",
            layer.samples,
            count(layer.params),
            count(layer.macs),
        ]
        for layer in found.layers
    ]
    header = (
        *("layer", "kind", "channels", "dim ratio", "rank ratio", "effective rank"),
        *("nuclear norm", "samples", "params", "macs"),
    )
    print_table(header, rows)
    if any(layer.bounded_by_samples for layer in found.layers):
        print("* fewer samples than channels: the samples bound the rank")
