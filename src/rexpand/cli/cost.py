"""`rexpand cost`: what a network costs."""

from typing import Annotated, Any

import typer

from rexpand.cli.console import count, print_json, print_table
from rexpand.cli.options import Json, Network


def cost(
    network: Network,
    resolution: Annotated[
        int | None,
        typer.Option("--resolution", min=1, help="Side of the image, pixels."),
    ] = None,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="Show stem, blocks and head too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Params, macs, activations and memory access of one image.

    NETWORK may also be timm:NAME, torchvision:NAME or package.module:factory; such a
    module is run once to be counted, and package.module is the user's own code.
    """
    from rexpand.spec import is_foreign

    counted = _foreign if is_foreign(network) else _ours
    document = counted(network, resolution)
    if as_json:
        if not blocks:
            document.pop("blocks", None)
        print_json(document)
        return
    for name in ("params", "macs", "activations", "memory_access"):
        print(f"{name:<14} {document[name]:>15,}  {count(document[name])}")
    if blocks:
        header = (
            "part",
            "channels",
            "pixels",
            "params",
            "macs",
            "activations",
            "memory",
        )
        print()
        print_table(header, ([*part.values()] for part in document.get("blocks", ())))


def _ours(name: str, resolution: int | None) -> dict[str, Any]:
    from rexpand.cost import price, price_parts
    from rexpand.spec import find_network

    spec = find_network(name)
    total = price(spec, resolution)
    return {
        "network": spec.name,
        "resolution": resolution or spec.resolution,
        **_counts(total),
        "channels": list(spec.channels),
        "blocks": [
            {
                "name": part.name,
                "channels": part.out_channels,
                "size": part.size,
                **_counts(part.cost),
            }
            for part in price_parts(spec, resolution)
        ],
    }


def _foreign(name: str, resolution: int | None) -> dict[str, Any]:
    from rexpand.models import find_module, measure

    side = resolution or 224
    total = measure(find_module(name), (3, side, side))
    return {"network": name, "resolution": side, **_counts(total)}


def _counts(cost: Any) -> dict[str, int]:
    names = ("params", "macs", "activations", "memory_access")
    return {name: getattr(cost, name) for name in names}
