"""`rexpand rank network`: the rank of every layer of a network, or of several."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.networks import network_argument
from rexpand.cli.numbers import number
from rexpand.cli.options import Data, DataRoot, Json, Resolution
from rexpand.cli.places import checked_folder, page_folder, run_folder
from rexpand.ranges import FORWARD_BATCH, SOME_IMAGES
from rexpand.size import Size

if TYPE_CHECKING:
    from rexpand.data.labelled import Labelled
    from rexpand.models import Opened
    from rexpand.rank import Positions, RankPlan
    from rexpand.records import NetworkRank
    from rexpand.spec import Source


def network(
    networks: Annotated[
        list[str],
        network_argument(
            help="Catalogue names, spec files, checkpoints, timm:NAME, torchvision:NAME "
            "or package.module:factory, each with @FILE for weights.",
        ),
    ],
    data: Data = "digits",
    positions: Annotated[
        str,
        typer.Option(
            "--positions",
            metavar="POSITIONS",
            help="Which positions of a map are samples: all, strided (a grid) or pooled "
            "(the mean over the map).",
        ),
    ] = "strided",
    images: Annotated[
        int,
        number(SOME_IMAGES, "--images", help="Use at most this many test images."),
    ] = 1000,
    layers: Annotated[
        str | None,
        typer.Option(
            "--layers",
            metavar="PATTERN",
            help="Only layers whose names match, e.g. 'blocks.3.*'.",
        ),
    ] = None,
    tolerance: Annotated[
        str,
        typer.Option(
            metavar="TOLERANCE",
            help="Which singular values count: relative:1e-3, torch, absolute:0.1 or "
            "energy:0.99.",
        ),
    ] = "relative:1e-3",
    resolution: Resolution = None,
    batch_size: Annotated[
        int, number(FORWARD_BATCH, "--batch-size", help="Images per forward pass.")
    ] = 32,
    data_root: DataRoot = None,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["spectra.json"],
            help="The run folder (default: runs/rank-NETWORK).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Rank ratio, effective rank and spectrum of every layer.

    Writes spectra.json, and report.html with its figures. Several networks share one
    page.
    """
    from rexpand.codec import to_content, to_document
    from rexpand.rank import RankPlan
    from rexpand.rank.tolerance import parse
    from rexpand.records import NetworkRanks, write_atomic
    from rexpand.report import write_network_rank_report
    from rexpand.spec import Source

    plan = RankPlan(
        images=images,
        positions=cast("Positions", positions),
        layers=layers,
        tolerance=parse(tolerance),
        batch_size=batch_size,
    )
    images_of = Images(data=data, root=data_root, resolution=resolution)
    sources = [Source.parse(name) for name in networks]
    checked_folder(out or Path("runs"))
    ranks = _distinct([ranked(source, images_of, plan) for source in sources])
    folder = out or run_folder("rank", ranks[0].name)
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
class Images:
    """Where the images come from, and their size unless it is the network's own."""

    data: str
    root: Path | None
    resolution: Size | None


def ranked(source: "Source", images_of: Images, plan: "RankPlan") -> "NetworkRank":
    """The ranks of a network's layers on images fed as its weights want them."""
    import torch

    from rexpand.cli.count_bar import CountBar
    from rexpand.models import Network, check_runs
    from rexpand.rank import rank_network

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    opened, labelled = _fed(source, images_of)
    module = opened.module.to(device).to(memory_format=torch.channels_last)
    images = min(plan.images, len(labelled.split))
    at_once = min(images, plan.batch_size)
    check_runs(module, images=at_once, resolution=labelled.split.contract.resolution)
    with CountBar(f"{source.label}, images of {images_of.data}", images) as bar:
        return rank_network(
            module,
            labelled.split,
            plan,
            name=module.spec.name if isinstance(module, Network) else source.label,
            weights=_weights_of(source),
            data=images_of.data,
            device=device,
            contract=opened.contract.fed_by(labelled.split.contract),
            num_classes=labelled.num_classes if source.has_weights else None,
            on_images=bar.advance,
        )


def _fed(source: "Source", images_of: Images) -> "tuple[Opened, Labelled]":
    """The network, and the images as it expects them.

    A network of ours without weights is fitted to the data instead.
    """
    import torch

    from rexpand.data.labelled import load_labelled
    from rexpand.models import Opened, build, open_source

    torch.manual_seed(0)  # for weights that no file gives
    labelled = load_labelled(images_of.data, root=images_of.root)
    if not source.has_weights:
        note(
            f"{source} has random weights; give {source}@FILE, or a checkpoint of ours"
        )
    if source.spec is not None and not source.has_weights:
        contract = labelled.split.contract.at(images_of.resolution)
        spec = source.spec.for_images(
            resolution=contract.resolution, in_channels=contract.channels
        ).with_classes(labelled.num_classes)
        opened = Opened(source=source, module=build(spec), contract=contract)
        return opened, labelled.seen_by(contract)
    opened = open_source(source)
    if not opened.contract.is_known:
        note(
            f"the images that {source} expects are not known; {images_of.data} is fed "
            "as it is"
        )
    return opened, labelled.seen_by(opened.contract, images_of.resolution)


def _weights_of(source: "Source") -> str:
    """Where weights come from: a file, the factory itself, or "random"."""
    if source.weights is not None:
        return str(source.weights)
    return source.name if source.has_weights else "random"


def _rounded(found: "NetworkRank") -> "NetworkRank":
    """The record, with singular values of six digits."""
    layers = (
        replace(
            layer,
            singular_values=tuple(float(f"{v:.6g}") for v in layer.singular_values),
        )
        for layer in found.layers
    )
    return replace(found, layers=tuple(layers))


def _distinct(ranks: "list[NetworkRank]") -> "list[NetworkRank]":
    """The networks; those with the same name are named with their weights too."""
    names = [found.name for found in ranks]
    return [
        replace(found, name=f"{found.name}, {found.weights}")
        if names.count(found.name) > 1
        else found
        for found in ranks
    ]


def print_layers(found: "NetworkRank") -> None:
    """One line per layer: its ranks, params and macs."""
    print(
        f"{found.name} ({found.weights} weights): {count(found.params)} params, "
        f"{count(found.macs)} macs; {found.images:,} images of {found.data} at "
        f"{found.resolution} pixels, positions {found.positions}, {found.tolerance}"
    )
    if found.accuracy is not None:
        print(f"top-1 {found.accuracy:.2f} % on these images")
    print(f"images: {found.contract}")
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
        print("* fewer samples than channels: the samples limit the rank")
