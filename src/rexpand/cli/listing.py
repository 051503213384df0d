"""`rexpand list`: the catalogue, and the paper's Table 1 of any set of networks."""

from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from math import inf
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.numbers import number
from rexpand.cli.options import Json, Macs, Params
from rexpand.ranges import MACS, PARAMS

if TYPE_CHECKING:
    from rexpand.cost import Cost


def list_networks(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATTERN",
            help="Names, parts of names or spec files; * and ? match any letters, e.g. "
            "'rexnet_*'.",
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            "--family", metavar="NAME", help="Only this family; may be given again."
        ),
    ] = None,
    macs: Macs = None,
    params: Params = None,
    min_macs: Annotated[
        float | None,
        number(
            MACS,
            "--min-macs",
            has_unit=True,
            help="At least N multiply-accumulates per image, e.g. 100M.",
        ),
    ] = None,
    min_params: Annotated[
        float | None,
        number(PARAMS, "--min-params", has_unit=True, help="At least N parameters."),
    ] = None,
    channels: Annotated[
        bool,
        typer.Option(
            "--channels", help="Show the channels, like Table 1 of the ReXNet paper."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the catalogue: params, macs, published top-1, source.

    Everything that is asked for must hold: rexpand list mobile --macs 300M --min-macs 200M.
    """
    from rexpand.cost import cost_of

    specs = [spec for pattern in patterns or ["*"] for spec in _matching(pattern)]
    families = _known_families(family or [])
    within = _Within(
        macs=(min_macs or 0, macs or inf), params=(min_params or 0, params or inf)
    )
    specs = [
        spec
        for spec in specs
        if (not families or spec.family in families) and within.holds(cost_of(spec))
    ]
    if as_json:
        print_json([_entry(spec) for spec in specs])
    elif not specs:
        note("no network of the catalogue is all of that; ask for less")
    elif channels:
        _print_channels(specs)
    else:
        print_table(
            (
                *(
                    "network",
                    "params",
                    "macs",
                    "pixels",
                    "published",
                    "top-1",
                    "source",
                ),
                "paper's top-1",
            ),
            (_row(_entry(spec)) for spec in specs),
        )


@dataclass(frozen=True, kw_only=True)
class _Within:
    """The least and the most macs and params."""

    macs: tuple[float, float]
    params: tuple[float, float]

    def holds(self, cost: "Cost") -> bool:
        (least_macs, most_macs), (least_params, most_params) = self.macs, self.params
        return (
            least_macs <= cost.macs <= most_macs
            and least_params <= cost.params <= most_params
        )


def _known_families(families: list[str]) -> list[str]:
    """The families themselves; UnknownNameError for one that the catalogue lacks."""
    from rexpand.errors import UnknownNameError
    from rexpand.spec import CATALOGUE, network

    if not families:
        return []
    known = sorted({network(name).family for name in CATALOGUE})
    for each in families:
        if each not in known:
            hint = f"choose from {', '.join(known)}"
            raise UnknownNameError("family", each, known, hint)
    return families


def _matching(pattern: str) -> list[Any]:
    """The specs of a pattern: of names, of an alias or a file, or of a part of names."""
    from rexpand.spec import ALIASES, CATALOGUE, Source, network

    names = [name for name in CATALOGUE if fnmatch(name, pattern)]
    if not names and pattern not in ALIASES:
        names = [name for name in CATALOGUE if pattern.lower() in name]
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
    from rexpand.spec import Entry, Published, entry_of, fitted_line

    name = spec.name
    # A spec file stands for itself: it has no source of its own.
    entry = entry_of(name) or Entry(build=lambda: spec, published=Published())
    published = {
        **asdict(entry.published),
        "top1_source": entry.published.origin_of_top1,
    }
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
        "published": published,
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
        published["top1_source"] or published["source"] or "-",
        published["paper_top1"] or "",
    )
