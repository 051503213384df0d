"""`rexpand bench blocks`: the latency of a network block by block, for a search."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.numbers import number
from rexpand.cli.options import Json, Network, Resolution
from rexpand.cli.places import output_file
from rexpand.ranges import (
    CONFIGURATIONS,
    FORWARD_BATCH,
    MACS,
    MULTIPLE_OF,
    ROUNDS,
    THREADS,
)

if TYPE_CHECKING:
    from rexpand.records import (
        ConfigurationReading,
        LatencyTable,
        MedianSpread,
        SectionReading,
    )

_HEADER = (
    *("section", "in", "expanded", "out", "stride", "resolution"),
    *("macs", "memory access", "ms", "interval", "predicted"),
)
_NETWORK_HEADER = (
    *("channels", "macs", "ms", "interval", "sum / whole", "interval", "predicted"),
)


def blocks(
    network: Network,
    runtime: Annotated[
        str,
        typer.Option(
            "--runtime", metavar="RUNTIME", help="What runs the network and its blocks."
        ),
    ] = "onnxruntime",
    configurations: Annotated[
        int,
        number(
            CONFIGURATIONS,
            "--configurations",
            help="Measure N channel configurations: the network's own, and others of half "
            "to twice the macs.",
        ),
    ] = 7,
    macs: Annotated[
        float | None,
        number(
            MACS,
            "--macs",
            "--flops",
            has_unit=True,
            help="The macs that the others are drawn around (default: the network's own).",
        ),
    ] = None,
    multiple_of: Annotated[
        int,
        number(
            MULTIPLE_OF,
            "--multiple-of",
            help="The table is for channels in multiples of N: beside the multiples that "
            "a runtime packs, a width may take twice as long.",
        ),
    ] = 8,
    rounds: Annotated[
        int,
        number(ROUNDS, "--rounds", help="Interleaved rounds of each configuration."),
    ] = 10,
    threads: Annotated[
        int | None,
        number(THREADS, "--threads", help="Threads of the runtime (default: torch's)."),
    ] = None,
    batch_size: Annotated[
        int, number(FORWARD_BATCH, "--batch-size", help="Images of one run.")
    ] = 1,
    resolution: Resolution = None,
    out: Annotated[
        Path | None,
        output_file("--out", help="Write the table to this file, e.g. table.json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure every block of a network alone.

    Stem, blocks and head take turns with the whole network. The table predicts the latency of any channels of the network: give it to `rexpand
    search run` or `rexpand solve` as --latency-table. It says how far the sum of the
    blocks is from the whole network, and how far predictions are from configurations
    that the model did not see.
    """
    import torch

    from rexpand.advise.find import find_spec
    from rexpand.cli.count_bar import CountBar
    from rexpand.latency.block_table import TablePlan, measured_table
    from rexpand.latency.block_table import configurations as drawn
    from rexpand.latency.runtimes import find_runtimes
    from rexpand.spec import Source

    (found,) = find_runtimes([runtime])
    spec = find_spec(Source.parse(network), resolution)
    networks = drawn(spec, configurations, macs=macs, multiple_of=multiple_of)
    plan = TablePlan(
        networks=networks,
        rounds=rounds,
        threads=torch.get_num_threads() if threads is None else threads,
        multiple_of=multiple_of,
        batch_size=batch_size,
    )
    with CountBar("configurations", len(networks)) as bar:
        table = measured_table(plan, found, bar.advance)
    if out:
        _leave(table, out)
    if as_json:
        print_json(asdict(table) | {"file": str(out) if out else None})
        return
    _show(table)
    if out:
        note(f"wrote {out}")


def _leave(table: "LatencyTable", out: Path) -> None:
    from rexpand.codec import to_document
    from rexpand.records import write_atomic

    write_atomic(out, to_document(table))


def _show(table: "LatencyTable") -> None:
    own, *_ = table.configurations
    print_table(_HEADER, map(_cells, own.sections))
    print()
    print_table(_NETWORK_HEADER, map(_network_cells, table.configurations))
    print()
    print(_errors(table))
    print(
        f"{table.network.name} under {table.runtime}, threads {table.threads}, batch size "
        f"{table.batch_size}; medians of {table.rounds} interleaved rounds with their 95 % "
        f"intervals; {table.seconds:.0f} s."
    )


def _errors(table: "LatencyTable") -> str:
    """What the sum of blocks and the model are worth, in two lines."""
    own, *_ = table.configurations
    additivity, section, network = (
        own.additivity,
        table.section_error,
        table.network_error,
    )
    return (
        f"Additivity: the sections of {table.network.name} add up to "
        f"{additivity.median:.3f} times the whole network "
        f"({additivity.least:.3f} to {additivity.most:.3f}).\n"
        f"Held out: predictions for widths that the model did not see are off by "
        f"{100 * section.median:.1f} % of a section (at most {100 * section.most:.1f} %, n = "
        f"{section.count}) and {100 * network.median:.1f} % of a network (at most "
        f"{100 * network.most:.1f} %, n = {network.count})."
    )


def _cells(row: "SectionReading") -> tuple[object, ...]:
    return (
        row.name,
        row.in_channels,
        row.expanded or "",
        row.out_channels,
        row.stride,
        row.resolution,
        count(row.macs),
        count(row.memory_access),
        *_spread(row.latency_ms),
        f"{row.held_out_ms:.3g}",
    )


def _network_cells(row: "ConfigurationReading") -> tuple[object, ...]:
    additivity = row.additivity
    return (
        "-".join(map(str, row.channels)),
        count(row.macs),
        *_spread(row.latency_ms),
        f"{additivity.median:.3f}",
        f"{additivity.least:.3f} to {additivity.most:.3f}",
        f"{row.held_out_ms:.3g}",
    )


def _spread(found: "MedianSpread") -> tuple[str, str]:
    return f"{found.median:.3g}", f"{found.least:.3g} to {found.most:.3g}"
