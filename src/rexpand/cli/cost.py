"""`rexpand cost`: what a network costs."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.options import Json, Network, Out

if TYPE_CHECKING:
    from rexpand.cost import Graph


def cost(
    network: Network,
    resolution: Annotated[
        int | None,
        typer.Option("--resolution", min=1, help="Side of the image, pixels."),
    ] = None,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="Show stem, blocks and head too.")
    ] = False,
    layers: Annotated[
        bool, typer.Option("--layers", help="Show every operator, as it ran.")
    ] = False,
    tree: Annotated[
        bool, typer.Option("--tree", help="Show the modules as a tree.")
    ] = False,
    conventions: Annotated[
        bool, typer.Option("--conventions", help="What other counters say, and why.")
    ] = False,
    roofline: Annotated[
        bool,
        typer.Option("--roofline", help="Time the layers against this machine's roof."),
    ] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Params, macs, activations and memory access of one image.

    NETWORK may also be timm:NAME, torchvision:NAME or package.module:factory; such a
    module is run once to be counted, and package.module is the user's own code.
    """
    from rexpand.cli import cost_documents as documents
    from rexpand.cli.cost_tables import show
    from rexpand.spec import is_foreign

    document: dict[str, Any] = {}
    if is_foreign(network) or layers or tree or conventions or roofline:
        seen, side = _seen(network, resolution)
        document = documents.module_document(network, side, seen)
        document |= documents.layers_document(seen) if layers else {}
        document |= documents.tree_document(seen) if tree else {}
        document |= documents.conventions_document(seen) if conventions else {}
        document |= _roofline(network, side, seen, out) if roofline else {}
    if not is_foreign(network):
        document = {**document, **documents.spec_document(network, resolution)}
    if not blocks:
        document.pop("blocks", None)
    show(document, as_json=as_json)


def _seen(network: str, resolution: int | None) -> tuple["Graph", int]:
    from rexpand.models import find_cost

    seen, (_, _, side) = find_cost(network, resolution)
    return seen, side


def _roofline(network: str, side: int, seen: "Graph", out: Any) -> dict[str, Any]:
    from pathlib import Path

    from rexpand.cli.cost_documents import roofline_document
    from rexpand.models import find_module
    from rexpand.report import write_roofline_report
    from rexpand.trace import measured_roofline

    image = (seen.inputs[0][1], side, side)
    measured = measured_roofline(find_module(network), image, name=network)
    folder = out or Path("runs") / f"roofline-{network.replace(':', '-')}"
    files = write_roofline_report(measured, folder)
    return roofline_document(measured, str(files.page))
