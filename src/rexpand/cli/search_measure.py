"""`rexpand search measure`: the latency of a study's configurations, here."""

from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import note, print_json, print_table
from rexpand.cli.measure_options import RUNTIME_HELP, MaxLatencyMs
from rexpand.cli.numbers import number
from rexpand.cli.options import Json
from rexpand.cli.search_study import Study
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.errors import MistakeError, quoted
from rexpand.ranges import FORWARD_BATCH, ROUNDS, THREADS

if TYPE_CHECKING:
    from rexpand.latency.runtimes import Installable
    from rexpand.search.measured import Measurement
    from rexpand.search.measuring import Asked

_USUAL = "onnxruntime"


def measure(
    study: Study,
    runtime: Annotated[
        str, typer.Option("--runtime", metavar="RUNTIME", help=RUNTIME_HELP)
    ] = _USUAL,
    threads: Annotated[
        int | None,
        number(THREADS, "--threads", help="Threads of the runtime (default: torch's)."),
    ] = None,
    batch_size: Annotated[
        int | None,
        number(FORWARD_BATCH, "--batch-size", help="Images of one run (default: 1)."),
    ] = None,
    rounds: Annotated[
        int | None,
        number(
            ROUNDS,
            "--rounds",
            help="Interleaved rounds of each configuration (default: 12).",
        ),
    ] = None,
    max_latency_ms: MaxLatencyMs = None,
    as_json: Json = False,
) -> None:
    """Measure the latency of the configurations of a study.

    Each of them, trained or not, is timed: some at a time take turns with the study's first configuration. The same command goes
    on after a stop, and measures what was added since. With another --max-latency-ms it
    moves the bound, and measures nothing twice. No training is repeated.
    """
    from rexpand.latency.runtimes import find_runtime
    from rexpand.search.measuring import Asked

    asked = Asked(
        threads=threads,
        batch_size=batch_size,
        rounds=rounds,
        most_ms=max_latency_ms,
    )
    found = measured(study, find_runtime(runtime), asked)
    if as_json:
        print_json(_document(found))
        return
    _show(found)


def check_unmeasured(measure: str | None, max_latency_ms: float | None) -> None:
    """Raise MistakeError for options that time the trials, which are detectors."""
    given = {"--measure": measure, "--max-latency-ms": max_latency_ms}
    for option, value in given.items():
        if value is not None:
            raise MistakeError(
                f"{option} {quoted(value)} is for classifiers, whose latency is measured; "
                "leave it out, and bound --macs or --params"
            )


def clock_of(
    measure: str | None, max_latency_ms: float | None
) -> "tuple[Installable, Asked] | None":
    """Under what to measure before the training, and the bound; None for nothing."""
    if measure is None and max_latency_ms is None:
        return None
    from rexpand.latency.runtimes import find_runtime
    from rexpand.search.measuring import Asked

    return find_runtime(measure or _USUAL), Asked(most_ms=max_latency_ms)


def measured(study: Path, runtime: "Installable", asked: "Asked") -> "Measurement":
    """Measure what is left, with a bar; a line for the person where the machine moved."""
    from rexpand.cli.count_bar import CountBar
    from rexpand.search.measuring import StudyClock

    with resumable(SAME_COMMAND), StudyClock(study, runtime, asked) as clock:
        left = clock.left()
        if left:
            with CountBar("configurations to measure", len(left)) as bar:
                clock.measure(bar.advance)
        found = clock.measurement
    summary = found.summary
    if left and summary.disturbed:
        note(
            f"the machine was not steady in {summary.disturbed} of {summary.batches} "
            f"batches: {'; '.join(summary.problems)}"
        )
    return found


def _show(found: "Measurement") -> None:
    summary = found.summary
    ms = [each.median for each in found.latencies.values()]
    low, middle, high = quantiles(ms, n=4) if len(ms) > 1 else 3 * ms
    row = [
        *(summary.runtime, summary.threads, summary.batch_size, summary.trials),
        *(f"{each:.3g}" for each in (min(ms), low, middle, high, max(ms))),
    ]
    header = ["runtime", "threads", "batch size", "trials"]
    print_table([*header, "least ms", "quarter", "median", "quarter", "most"], [row])
    if summary.most_ms is not None:
        print(
            f"{summary.over} of {summary.trials} are above {summary.most_ms:g} ms: they are "
            "not ranked, nor trained if they have not begun"
        )


def _document(found: "Measurement") -> dict[str, Any]:
    over = found.over
    return {
        **asdict(found.summary),
        "latencies": [
            {"trial": each, "latency_ms": asdict(ms), "is_feasible": each not in over}
            for each, ms in sorted(found.latencies.items())
        ],
    }
