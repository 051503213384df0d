"""`rexpand list`: the catalogue."""

from dataclasses import asdict
from fnmatch import fnmatch
from typing import Annotated, Any

import typer

from rexpand.cli.console import count, print_json, print_table
from rexpand.cli.options import Json


def list_networks(
    pattern: Annotated[
        str, typer.Argument(help="Names to show, with * and ?: 'rexnet_*'.")
    ] = "*",
    as_json: Json = False,
) -> None:
    """The catalogue: params, macs, published top-1, source."""
    from rexpand.errors import UnknownNameError
    from rexpand.spec import CATALOGUE

    names = [name for name in CATALOGUE if fnmatch(name, pattern)]
    if not names:
        raise UnknownNameError(
            "network", pattern, CATALOGUE, "see all of them with `rexpand list`"
        )
    entries = [_entry(name) for name in names]
    if as_json:
        print_json(entries)
        return
    print_table(
        ("network", "params", "macs", "pixels", "published", "top-1", "source"),
        (_row(entry) for entry in entries),
    )


def _entry(name: str) -> dict[str, Any]:
    from rexpand.cost import price
    from rexpand.spec import CATALOGUE, network

    spec, entry = network(name), CATALOGUE[name]
    cost = price(spec)
    return {
        "name": name,
        "family": spec.family,
        "params": cost.params,
        "macs": cost.macs,
        "resolution": spec.resolution,
        "channels": spec.channels,
        "published": asdict(entry.published),
        "fidelity": entry.fidelity,
    }


def _row(entry: dict[str, Any]) -> tuple[object, ...]:
    published = entry["published"]
    figures = f"{published['params'] or '-'} / {published['macs'] or '-'}"
    return (
        entry["name"],
        count(entry["params"]),
        count(entry["macs"]),
        entry["resolution"],
        figures,
        published["top1"] or "-",
        published["source"],
    )
