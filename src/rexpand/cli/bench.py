"""`rexpand bench`: latencies of networks, and below it `rexpand bench guidelines`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli import bench_blocks, bench_guidelines
from rexpand.cli.bench_tables import note_unsteady, show
from rexpand.cli.console import note, print_json
from rexpand.cli.device import Device, use_device
from rexpand.cli.networks import NETWORK_HELP, network_argument
from rexpand.cli.numbers import number
from rexpand.cli.options import Json, Resolution
from rexpand.cli.places import page_folder
from rexpand.cli.verb_group import VerbGroup
from rexpand.ranges import FORWARD_BATCH, INTERVAL_WIDTH, THREADS, VERDICT_ROUNDS

if TYPE_CHECKING:
    from rexpand.latency.study import LatencyPlan
    from rexpand.records import LatencyStudy
    from rexpand.spec import ExportPrecision

_RECORD = "latency.json"
_ON_CPU = ("torch", "optimized", "onnxruntime", "openvino")
_ON_GPU = ("torch", "cuda_graph")


def bench(
    networks: Annotated[
        list[str] | None,
        network_argument(
            metavar="NETWORK...",
            help=f"{NETWORK_HELP} Or a file of `rexpand export`, run by its own runtime. "
            "The first is what the others are compared with.",
            verbs=("blocks", "guidelines"),
            show_default=False,
        ),
    ] = None,
    runtimes: Annotated[
        list[str] | None,
        typer.Option(
            "--runtime",
            metavar="RUNTIME",
            help="torch, optimized, compile, onnxruntime or openvino, on a GPU also "
            "cuda_graph; repeat for several, or with commas (default: those installed, "
            "without compile).",
        ),
    ] = None,
    rounds: Annotated[
        int,
        number(VERDICT_ROUNDS, "--rounds", help="Rounds; all take turns in each."),
    ] = 30,
    within: Annotated[
        float | None,
        number(
            INTERVAL_WIDTH,
            "--within",
            metavar="SHARE",
            help="Add rounds, up to ten times as many, until intervals are narrower than "
            "this share of the median, e.g. 0.01.",
        ),
    ] = None,
    threads: Annotated[
        list[int] | None,
        number(
            THREADS,
            "--threads",
            help="Threads, each on a processor of its own; repeat for several (default: "
            "torch's).",
        ),
    ] = None,
    batch_sizes: Annotated[
        list[int] | None,
        number(
            FORWARD_BATCH,
            "--batch-size",
            help="Images per batch; repeat for several (default: 1).",
        ),
    ] = None,
    resolution: Resolution = None,
    precisions: Annotated[
        list[str] | None,
        typer.Option(
            "--precision",
            metavar="PRECISION",
            help="fp32, bf16, fp16 or int8, as far as a runtime has it; repeat for "
            "several, or with commas (default: fp32).",
        ),
    ] = None,
    has_memory: Annotated[
        bool,
        typer.Option(
            "--memory", help="Also measure peak memory, in a process of each network."
        ),
    ] = False,
    device: Device = "cpu",
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=[_RECORD],
            help="Write the record, page and figure to this folder.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Time networks against the first one, in turns.

    Each is faster or slower where the interval of its ratio, of 95 %, lies beyond one
    percent; else there is no difference. Weights that no file gives are random.
    """
    if not networks:
        raise typer.BadParameter("give one, such as rexnet_100", param_hint="NETWORK")
    kind = _kind(device)
    from rexpand.latency.study import LatencyPlan

    plan = LatencyPlan(
        networks=tuple(networks),
        runtimes=_runtimes(_words(runtimes), kind),
        threads=tuple(dict.fromkeys(threads or _usual_threads())),
        precisions=_precisions(_words(precisions)),
        batch_sizes=tuple(dict.fromkeys(batch_sizes or (1,))),
        resolution=resolution,
        rounds=rounds,
        within=within,
        device=kind,
        has_memory=has_memory,
    )
    study = _measured(plan)
    if out:
        _leave(study, out)
    if as_json:
        print_json(asdict(study) | {"folder": str(out) if out else None})
    else:
        show([study])
    note_unsteady(study)
    if out:
        note(f"wrote {out}")


def _kind(device: str) -> str:
    """cpu or cuda; MistakeError for a device that is not there, or has no clock here."""
    use_device(device)
    if device == "cpu":
        return "cpu"
    import torch

    from rexpand.errors import MistakeError

    if device == "mps":
        raise MistakeError("mps is not timed here; give --device cpu or cuda")
    return "cuda" if torch.cuda.is_available() else "cpu"


def _words(typed: list[str] | None) -> list[str]:
    """What was typed, with commas or repeated, each once."""
    words = (word.strip() for each in typed or () for word in each.split(","))
    return list(dict.fromkeys(words))


def _runtimes(names: list[str], device: str) -> tuple[str, ...]:
    """The names that were given, or those that are installed and quick to prepare."""
    if names:
        return tuple(names)
    from rexpand.latency.runtimes import installed

    if device == "cuda":
        return _ON_GPU
    return tuple(each.name for each in installed(_ON_CPU))


def _precisions(words: list[str]) -> "tuple[ExportPrecision, ...]":
    from rexpand.errors import UnknownNameError
    from rexpand.spec import EXPORT_PRECISIONS

    for word in words:
        if word not in EXPORT_PRECISIONS:
            hint = f"choose from {', '.join(EXPORT_PRECISIONS)}"
            raise UnknownNameError("precision", word, EXPORT_PRECISIONS, hint)
    found = (each for each in EXPORT_PRECISIONS if each in words)
    return tuple(sorted(found, key=words.index)) or ("fp32",)


def _usual_threads() -> tuple[int, ...]:
    import torch

    return (torch.get_num_threads(),)


def _measured(plan: "LatencyPlan") -> "LatencyStudy":
    from rexpand.cli.count_bar import CountBar
    from rexpand.latency.study import run_latency

    with CountBar("rounds", plan.comparisons * plan.most_rounds) as bar:
        return run_latency(plan, lambda: bar.advance(1))


def _leave(study: "LatencyStudy", out: Path) -> None:
    from rexpand.codec import to_document
    from rexpand.records import write_atomic
    from rexpand.report import write_latency_report

    write_atomic(out / _RECORD, to_document(study))
    write_latency_report([study], out)


app = typer.Typer(
    cls=VerbGroup,
    callback=bench,
    invoke_without_command=True,
    rich_markup_mode=None,
)
app.command("blocks")(bench_blocks.blocks)
app.command("guidelines")(bench_guidelines.guidelines)
