"""`rexpand round`: a network's channels as multiples, nearest to its line."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.numbers import number
from rexpand.cli.options import Json, Macs, Network, Params, Resolution
from rexpand.cli.places import output_folder
from rexpand.ranges import MULTIPLE_OF, ROUNDS

if TYPE_CHECKING:
    from rexpand.advise.rounding import Rounding, Roundings, RuntimeTimings
    from rexpand.cost import Cost
    from rexpand.latency.rounds import Timing

_QUICK = 5.0  # seconds to prepare a network: slower runtimes run only on request


def round_channels(
    network: Network,
    multiples: Annotated[
        list[int] | None,
        number(
            MULTIPLE_OF,
            "--multiple-of",
            help="A multiple; repeat for several (default: 1, 4, 8, 16 and 32).",
        ),
    ] = None,
    macs: Macs = None,
    params: Params = None,
    resolution: Resolution = None,
    runtimes: Annotated[
        list[str] | None,
        typer.Option(
            "--runtime",
            metavar="RUNTIME",
            help="Time under torch, onnxruntime or compile; repeat for several; none: "
            "do not time (default: those installed, without compile).",
        ),
    ] = None,
    rounds: Annotated[
        int,
        number(ROUNDS, "--rounds", help="Rounds of timing; the networks take turns."),
    ] = 15,
    out: Annotated[
        Path | None,
        output_folder("--out", help="Write one .toml per multiple to this folder."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Round channels to multiples, as near to the line as possible.

    Finds for each multiple the nearest channels within the budget, and times the
    resulting networks. The budget is the network's own macs, or --macs and --params.
    """
    from rexpand.advise.find import find_spec
    from rexpand.advise.rounding import MULTIPLES, roundings
    from rexpand.budget import Budget
    from rexpand.spec import Source

    spec = find_spec(Source.parse(network), resolution)
    bounds = Budget(macs=macs, params=params) if macs or params else None
    found = roundings(spec, tuple(dict.fromkeys(multiples or MULTIPLES)), bounds)
    timings = _timings(found, runtimes, rounds)
    if out:
        _leave(found, out)
    for each in timings:
        if each.warning:
            note(f"warning: {each.warning}")
    if as_json:
        print_json(_document(found, timings) | {"folder": str(out) if out else None})
        return
    _show(found, timings)
    if out:
        note(f"wrote {out}")


def _timings(
    found: "Roundings", names: list[str] | None, rounds: int
) -> "list[RuntimeTimings]":
    """Latencies under the requested runtimes, or those that are quick to prepare."""
    if names == ["none"]:
        return []
    from rexpand.advise.rounding import time_roundings
    from rexpand.latency.runtimes import find_runtimes, installed

    chosen = find_runtimes(names) if names else installed()
    timed = []
    for runtime in chosen:
        if names or runtime.seconds <= _QUICK:
            note(f"timing under {runtime.name}")
            timed.append(time_roundings(found, runtime, rounds=rounds))
        else:
            note(
                f"{runtime.name} is left out, because it needs about "
                f"{runtime.seconds:.0f} s per network to prepare; to time it, give "
                f"--runtime {runtime.name}"
            )
    return timed


def _leave(found: "Roundings", out: Path) -> None:
    from rexpand.records import write_atomic
    from rexpand.spec import network_to_toml

    for row in found.rows:
        if row.nearest:
            text = network_to_toml(row.nearest.spec)
            write_atomic(out / f"multiple_of_{row.multiple_of}.toml", text)


def _document(found: "Roundings", timings: "list[RuntimeTimings]") -> dict[str, Any]:
    return {
        "network": found.spec.name,
        "channels": list(found.spec.channels),
        "params": found.cost.params,
        "macs": found.cost.macs,
        "budget": dict(found.budget.bounds),
        "target": found.target,
        "widths": list(found.widths),
        "roundings": [
            _row_document(row, found.cost)
            | {"latency": _latencies(timings, str(row.multiple_of))}
            for row in found.rows
        ],
        "latency": _latencies(timings, found.spec.name),
        "equal_networks": {
            each.runtime: {
                "ratios": [equal.ratio.median for equal in each.equals],
                "is_quiet": not each.apart,
            }
            for each in timings
        },
    }


def _row_document(row: "Rounding", before: "Cost") -> dict[str, Any]:
    best, alone = row.nearest, row.block_by_block
    if best is None:
        return {"multiple_of": row.multiple_of, "problem": row.problem}
    return {
        "multiple_of": row.multiple_of,
        "channels": list(best.spec.channels),
        **_change(best.cost, before),
        "distance": best.distance,
        "bound": best.bound,
        "is_exact": best.is_exact,
        "block_by_block": alone
        and row.block_by_block_cost
        and {
            "channels": list(alone.channels),
            **_change(row.block_by_block_cost, before),
        },
    }


def _change(cost: "Cost", before: "Cost") -> dict[str, float]:
    return {
        "params": cost.params,
        "macs": cost.macs,
        "params_change": cost.params / before.params - 1,
        "macs_change": cost.macs / before.macs - 1,
    }


def _latencies(timings: "list[RuntimeTimings]", name: str) -> dict[str, Any]:
    """Milliseconds and their ratio to the network's, by runtime."""
    return {
        each.runtime: {
            "latency_ms": asdict(timing.latency_ms),
            "ratio": asdict(timing.ratio),
        }
        for each in timings
        for timing in each.timings
        if timing.name == name
    }


def _show(found: "Roundings", timings: "list[RuntimeTimings]") -> None:
    bounds = " and ".join(f"{count(b)} {n}" for n, b in found.budget.bounds.items())
    near = "its line" if found.target == "line" else "its channels"
    print(
        f"{found.spec.name}: {count(found.cost.params)} params, "
        f"{count(found.cost.macs)} macs; nearest to {near} within {bounds}"
    )
    header = (
        *("multiple of", "off", "params", "macs", "macs block by block"),
        *(f"{each.runtime} (ms)" for each in timings),
        *(f"{each.runtime} ratio" for each in timings),
    )
    own = [_cells(each.timings, found.spec.name) for each in timings]
    zero = ("as it is", "", "", "", "", *(ms for ms, _ in own), *("" for _ in own))
    print_table(header, [zero, *(_row(row, found.cost, timings) for row in found.rows)])
    for row in found.rows:
        if row.nearest:
            channels = "-".join(map(str, row.nearest.spec.channels))
            print(f"{row.multiple_of:>3}: {channels}")
            if not row.nearest.is_exact:
                print(f"     not exact: none is nearer than {row.nearest.bound:.2f}")
        else:
            print(f"{row.multiple_of:>3}: {row.problem}")
    if timings:
        rounds = timings[0].timings[0].latency_ms.count
        print(f"medians of {rounds} interleaved rounds, with quartiles")


def _row(
    row: "Rounding", before: "Cost", timings: "list[RuntimeTimings]"
) -> tuple[object, ...]:
    if row.nearest is None:
        return (row.multiple_of, *("-" for _ in range(4 + 2 * len(timings))))
    cells = [_cells(each.timings, str(row.multiple_of)) for each in timings]
    best, alone = row.nearest.cost, row.block_by_block_cost
    return (
        row.multiple_of,
        f"{row.nearest.distance:.2f}",
        _percent(best.params / before.params),
        _percent(best.macs / before.macs),
        _percent(alone.macs / before.macs) if alone else "-",
        *(ms for ms, _ in cells),
        *(ratio for _, ratio in cells),
    )


def _percent(ratio: float) -> str:
    return f"{100 * (ratio - 1):+.1f} %"


def _cells(timings: "tuple[Timing, ...]", name: str) -> tuple[str, str]:
    timing = next(each for each in timings if each.name == name)
    ms, ratio = timing.latency_ms, timing.ratio
    return (
        f"{ms.median:.2f} [{ms.low:.2f}, {ms.high:.2f}]",
        f"{ratio.median:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]",
    )
