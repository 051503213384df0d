"""`rexpand solve`: the channels that meet a budget."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import count, note, print_json
from rexpand.cli.numbers import number
from rexpand.cli.options import (
    Activations,
    Json,
    LatencyMs,
    LatencyTableFile,
    Macs,
    MemoryAccess,
    MultipleOf,
    Network,
    Params,
    Resolution,
    bounded,
)
from rexpand.cli.places import output_file
from rexpand.ranges import INTERCEPT

if TYPE_CHECKING:
    from rexpand.budget import Solution


class Rule(StrEnum):
    """The parameterizations by name."""

    LINEAR = "linear"
    PIECEWISE = "piecewise"
    STAGEWISE = "stagewise"
    FREE = "free"


def solve(
    network: Network,
    macs: Macs = None,
    params: Params = None,
    activations: Activations = None,
    memory_access: MemoryAccess = None,
    latency_ms: LatencyMs = None,
    latency_table: LatencyTableFile = None,
    parameterization: Annotated[
        Rule,
        typer.Option("--parameterization", help="The rule f that gives the channels."),
    ] = Rule.LINEAR,
    knots: Annotated[
        str | None,
        typer.Option(
            metavar="PAIRS",
            help="For piecewise: block:height pairs, e.g. 0:0,5:1,15:4.",
        ),
    ] = None,
    intercept: Annotated[
        float | None,
        number(
            INTERCEPT,
            "--intercept",
            help="Where the line starts (default: the network's first channels).",
        ),
    ] = None,
    resolution: Resolution = None,
    multiple_of: MultipleOf = 1,
    out: Annotated[
        Path | None,
        output_file("--out", help="Write the spec to this file, e.g. net.toml."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the channels that fill a budget and never exceed it.

    Give --macs and/or --params, e.g. --macs 300M. The channels are c_i = slope f(i) +
    intercept: one bound determines the slope, two bounds determine slope and intercept.
    Other bounds lower the slope where they are tighter: --activations, --memory-access,
    and --latency-ms with a table of `rexpand bench blocks`.
    A module without a spec is read as one, as `rexpand upgrade` does.
    """
    from dataclasses import replace

    from rexpand.advise.find import find_spec
    from rexpand.budget import solve as solve_budget
    from rexpand.records import write_atomic
    from rexpand.spec import Source, network_to_toml, parameterization_of

    spec = find_spec(Source.parse(network), resolution)
    rule = parameterization_of(spec, parameterization.value, knots)
    if intercept is not None:
        rule = replace(rule, intercept=intercept)
    budget = bounded(
        macs,
        params,
        latency_ms,
        latency_table,
        activations=activations,
        memory_access=memory_access,
    )
    solution = solve_budget(spec, budget, rule, multiple_of=multiple_of)
    if as_json:
        print_json(_document(solution))
    else:
        _show(solution)
    if out:
        write_atomic(out, network_to_toml(solution.spec))
        note(f"wrote {out}")


def _document(solution: "Solution") -> dict[str, Any]:
    return {
        "network": solution.spec.name,
        "slope": solution.parameterization.slope,
        "intercept": solution.parameterization.intercept,
        "channels": list(solution.spec.channels),
        "params": solution.cost.params,
        "macs": solution.cost.macs,
        "activations": solution.cost.activations,
        "memory_access": solution.cost.memory_access,
        "predicted_latency_ms": solution.latency_ms,
        "fill": solution.fill,
        "relaxed": {
            "slope": solution.relaxed.slope,
            "intercept": solution.relaxed.intercept,
            "params": solution.relaxed_params,
            "macs": solution.relaxed_macs,
        },
    }


def _show(solution: "Solution") -> None:
    line = solution.parameterization
    print("-".join(str(width) for width in solution.spec.channels))
    print(f"slope {line.slope:.6g}, intercept {line.intercept:.6g}")
    latency = solution.latency_ms
    predicted = "" if latency is None else f"{latency:.3g} ms predicted, "
    print(
        f"params {count(solution.cost.params)}, macs {count(solution.cost.macs)}, "
        f"{predicted}{100 * solution.fill:.2f} % of the tightest bound"
    )
