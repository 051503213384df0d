"""`rexpand list`: the catalogue, and the paper's Table 1 of any set of networks."""

from dataclasses import asdict
from fnmatch import fnmatch
from typing import Annotated, Any

import typer

from rexpand.cli.console import count, print_json, print_table
from rexpand.cli.options import Json


def list_networks(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATTERN]...",
            help="Names or spec files; * and ? match any letters, e.g. 'rexnet_*'.",
        ),
    ] = None,
    channels: Annotated[
        bool,
        typer.Option(
            "--channels", help="Show the channels, like Table 1 of the ReXNet paper."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the catalogue: params, macs, published top-1, source."""
    specs = [spec for pattern in patterns or ["*"] for spec in _matching(pattern)]
    if as_json:
        print_json([_entry(spec) for spec in specs])
    elif channels:
        _print_channels(specs)
    else:
        print_table(
            ("network", "params", "macs", "pixels", "published", "top-1", "source"),
            (_row(_entry(spec)) for spec in specs),
        )


def _matching(pattern: str) -> list[Any]:
    """The specs of a pattern; a name without one may be an alias or a file."""
    from rexpand.spec import CATALOGUE, Source, network

    names = [name for name in CATALOGUE if fnmatch(name, pattern)]
    return [network(name) for name in names] or [Source.parse(pattern).known_spec()]


def _print_channels(specs: list[Any]) -> None:
    from rexpand.report import network_row

    rows = [network_row(spec) for spec in specs]
    print_table(
        ("network", "stem", "channels", "line", "R2", "top-1", "params", "macs"),
        (
            (
                *(row.name, row.stem, row.stages, row.line, row.r_squared),
                *(row.top1, row.params, row.macs),
            )
            for row in rows
        ),
    )


def _entry(spec: Any) -> dict[str, Any]:
    from rexpand.cost import cost_of
    from rexpand.spec import CATALOGUE, Entry, Published, fitted_line

    name = spec.name
    # A spec file or an alias stands for itself: it has no source of its own.
    entry = CATALOGUE.get(name) or Entry(build=lambda: spec, published=Published())
    cost, line = cost_of(spec), fitted_line(spec.channels)
    return {
        "name": name,
        "aliases": entry.aliases,
        "family": spec.family,
        "params": cost.params,
        "macs": cost.macs,
        "resolution": spec.resolution,
        "stem": spec.stem.out_channels,
        "channels": spec.channels,
        "line": asdict(line),
        "published": asdict(entry.published),
        "fidelity": entry.fidelity,
        "reconstructed": entry.reconstructed,
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
        published["source"] or "-",
    )
