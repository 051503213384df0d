"""`rexpand scale`: width, depth and resolution of a network together."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import count, note, print_json
from rexpand.cli.numbers import number
from rexpand.cli.options import Json, Macs, Network, Params
from rexpand.cli.places import output_file
from rexpand.cli.scale_search import GridOptions, searched, takes_grid
from rexpand.cli.worker_options import WorkerOptions, takes_workers
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import PEAK_BYTES, PHI, SCALING_BASE
from rexpand.size import as_typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rexpand.budget import ScaleSolution
    from rexpand.cost import Cost, PeakActivations
    from rexpand.spec import Compound, Scaled


class Precision(StrEnum):
    """What the maps are stored in."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"

    @property
    def value_bytes(self) -> int:
        return {"fp32": 4, "fp16": 2, "int8": 1}[self.value]


@takes_workers
@takes_grid
def scale(
    network: Network,
    phi: Annotated[
        float | None,
        number(
            PHI,
            "--phi",
            help="The exponent: 1 takes about twice the macs, -1 about half.",
        ),
    ] = None,
    alpha: Annotated[
        float | None,
        number(
            SCALING_BASE,
            "--alpha",
            help="Blocks per stage: times this to the phi (default: 1.2).",
        ),
    ] = None,
    beta: Annotated[
        float | None,
        number(
            SCALING_BASE,
            "--beta",
            help="Channels: times this to the phi (default: 1.1).",
        ),
    ] = None,
    gamma: Annotated[
        float | None,
        number(
            SCALING_BASE,
            "--gamma",
            help="Pixels of a side: times this to the phi (default: 1.15).",
        ),
    ] = None,
    macs: Macs = None,
    params: Params = None,
    peak_memory: Annotated[
        float | None,
        number(
            PEAK_BYTES,
            "--peak-memory",
            has_unit=True,
            help="At most N bytes of activations alive together, e.g. 2M.",
        ),
    ] = None,
    precision: Annotated[
        Precision,
        typer.Option("--precision", help="What the activations are stored in."),
    ] = Precision.FP32,
    out: Annotated[
        Path | None,
        output_file("--out", help="Write the spec to this file, e.g. net.toml."),
    ] = None,
    as_json: Json = False,
    *,
    grid: GridOptions,
    crew: WorkerOptions,
) -> None:
    """Scale width, depth and resolution together.

    The rule is EfficientNet's. Give --phi, or bounds: --macs, --params, --peak-memory.
    Within bounds phi is as large as they allow, and the width then takes what is left.
    With a base of 1 that dimension stays: --alpha 1 --gamma 1 scales the width alone.
    NETWORK is a name of `rexpand list`. With --search the bases are found by training
    networks of equal macs on --data; run the same command again to continue after a stop.
    """
    if grid.search:
        _search(
            network,
            phi,
            (alpha, beta, gamma, macs, params, peak_memory),
            grid,
            crew,
            out,
            as_json,
        )
        return
    from rexpand.budget import ScaleBudget, scale_to
    from rexpand.cost import cost_of, peak_activations
    from rexpand.errors import MistakeError
    from rexpand.records import write_atomic
    from rexpand.spec import Compound, Source, network_to_toml, scalable

    is_bounded = any(bound is not None for bound in (macs, params, peak_memory))
    if (phi is None) != is_bounded:
        raise MistakeError(
            "a network is scaled by --phi or within bounds; give either --phi, or one "
            "or more of --macs, --params and --peak-memory"
        )
    usual = Compound()
    compound = Compound(
        alpha=usual.alpha if alpha is None else alpha,
        beta=usual.beta if beta is None else beta,
        gamma=usual.gamma if gamma is None else gamma,
    )
    base = scalable(Source.parse(network))
    if phi is not None:
        scaled = base.at(compound, phi)
        document = _document(
            compound, scaled, cost_of(scaled.spec), peak_activations(scaled.spec)
        )
    else:
        budget = ScaleBudget(
            macs=macs,
            params=params,
            peak_bytes=peak_memory,
            value_bytes=precision.value_bytes,
        )
        solution = scale_to(base, compound, budget)
        scaled = solution.scaled
        document = _document(compound, scaled, solution.cost, solution.peak)
        document |= _filled(solution)
    document |= {
        "precision": precision.value,
        "peak_memory_bytes": document["peak_activations"] * precision.value_bytes,
    }
    if as_json:
        print_json(document)
    else:
        _show(document)
    if out:
        write_atomic(out, network_to_toml(scaled.spec))
        note(f"wrote {out}")


def _search(
    network: str,
    phi: float | None,
    given: "Sequence[float | None]",
    grid: GridOptions,
    crew: WorkerOptions,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find the bases; `given` are options that mean nothing then."""
    from rexpand.errors import MistakeError
    from rexpand.records import write_atomic
    from rexpand.spec import Source

    if any(each is not None for each in given):
        raise MistakeError(
            "--search finds alpha, beta and gamma at equal macs; leave out --alpha, --beta, "
            "--gamma, --macs, --params and --peak-memory"
        )
    return_freed_memory()
    text = searched(
        Source.parse(network), 1.0 if phi is None else phi, grid, crew.placed(), as_json
    )
    if out and text:
        write_atomic(out, text)
        note(f"wrote {out}")


def _document(
    compound: "Compound", scaled: "Scaled", cost: "Cost", peak: "PeakActivations"
) -> dict[str, Any]:
    return {
        "network": scaled.spec.name,
        "phi": scaled.phi,
        "alpha": compound.alpha,
        "beta": compound.beta,
        "gamma": compound.gamma,
        "growth": compound.growth,
        "width_mult": scaled.width_mult,
        "depth_mult": scaled.depth_mult,
        "resolution": as_typed(scaled.resolution),
        "channels": list(scaled.spec.channels),
        "params": cost.params,
        "macs": cost.macs,
        "peak_activations": peak.elements,
        "peak_part": peak.part,
        "fill": None,
        "tightest": None,
    }


def _filled(solution: "ScaleSolution") -> dict[str, Any]:
    return {"fill": solution.fill, "tightest": solution.tightest}


def _show(document: dict[str, Any]) -> None:
    print("-".join(str(width) for width in document["channels"]))
    print(
        f"phi {document['phi']:.4g}: depth x{document['depth_mult']:.4g}, width "
        f"x{document['width_mult']:.4g}, {document['resolution']} pixels; alpha beta^2 "
        f"gamma^2 = {document['growth']:.3g}"
    )
    peak = document["peak_memory_bytes"]
    print(
        f"params {count(document['params'])}, macs {count(document['macs'])}, peak of the "
        f"activations {peak / 1e6:.4g} MB in {document['precision']} "
        f"({document['peak_part']})"
    )
    if document["fill"] is not None:
        print(f"{100 * document['fill']:.2f} % of the {document['tightest']} allowed")
