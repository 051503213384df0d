"""`rexpand bench guidelines`: do ShuffleNetV2's guidelines hold here?"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import count, note, print_json, print_table
from rexpand.cli.numbers import number
from rexpand.cli.options import Json
from rexpand.cli.places import page_folder
from rexpand.ranges import GUIDELINE, MULTIPLE_OF, ROUNDS, THREADS

if TYPE_CHECKING:
    from rexpand.latency.guidelines.lab import LabPlan
    from rexpand.latency.runtimes import Runtime
    from rexpand.records import GuidelineRow, GuidelineStudy

_QUICK = 5.0  # seconds to prepare a stack: slower runtimes run only on request
_ROUNDS, _QUICK_ROUNDS = 15, 9
_HEADER = ("width", "stack", "channels", "macs", "ms", "ratio", "interval", "verdict")


def guidelines(
    numbers: Annotated[
        list[int] | None,
        number(
            GUIDELINE,
            "--guideline",
            help="A guideline, 1 to 4; repeat for several (default: all four).",
        ),
    ] = None,
    runtimes: Annotated[
        list[str] | None,
        typer.Option(
            "--runtime",
            metavar="RUNTIME",
            help="torch, onnxruntime or compile; repeat for several (default: those "
            "installed, without compile).",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        number(
            ROUNDS,
            "--rounds",
            help="Interleaved rounds (default: 15, or 9 with --quick).",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        number(
            THREADS, "--threads", help="Threads of each runtime (default: torch's)."
        ),
    ] = None,
    multiple_of: Annotated[
        int,
        number(
            MULTIPLE_OF,
            "--multiple-of",
            help="Round channels to multiples of this; the macs are then less equal.",
        ),
    ] = 1,
    is_quick: Annotated[
        bool, typer.Option("--quick", help="Only the smallest width of each guideline.")
    ] = False,
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["guidelines.json"],
            help="Write the record, page and figures to this folder.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Test ShuffleNetV2's four guidelines on this machine.

    Every stack runs once per round. A ratio is the median of the ratios of the rounds.
    """
    plan = _plan(numbers, rounds, threads, multiple_of, is_quick)
    study = _measured(plan, _runtimes(runtimes))
    if out:
        _leave(study, out)
    if as_json:
        print_json(asdict(study) | {"folder": str(out) if out else None})
        return
    _show(study)
    if out:
        note(f"wrote {out}")


def _plan(
    numbers: list[int] | None,
    rounds: int | None,
    threads: int | None,
    multiple_of: int,
    is_quick: bool,
) -> "LabPlan":
    import torch

    from rexpand.latency.guidelines.experiments import GUIDELINES, find_guidelines
    from rexpand.latency.guidelines.lab import LabPlan

    chosen = find_guidelines(numbers) if numbers else GUIDELINES
    if is_quick:
        chosen = tuple(replace(each, widths=each.widths[:1]) for each in chosen)
    usual = _QUICK_ROUNDS if is_quick else _ROUNDS
    return LabPlan(
        guidelines=chosen,
        rounds=usual if rounds is None else rounds,
        threads=torch.get_num_threads() if threads is None else threads,
        multiple_of=multiple_of,
    )


def _runtimes(names: list[str] | None) -> "Sequence[Runtime]":
    """The requested runtimes, or those that are quick to prepare."""
    from rexpand.latency.runtimes import find_runtimes, installed

    if names:
        return find_runtimes(list(dict.fromkeys(names)))
    return [runtime for runtime in installed() if runtime.seconds <= _QUICK]


def _measured(plan: "LabPlan", runtimes: "Sequence[Runtime]") -> "GuidelineStudy":
    from rexpand.cli.count_bar import CountBar
    from rexpand.latency.guidelines.lab import run_guidelines

    with CountBar("experiments", plan.parts * len(runtimes)) as bar:
        return run_guidelines(plan, runtimes, bar.advance)


def _leave(study: "GuidelineStudy", out: Path) -> None:
    from rexpand.codec import to_document
    from rexpand.records import write_atomic
    from rexpand.report import write_guidelines_report

    write_atomic(out / "guidelines.json", to_document(study))
    write_guidelines_report(study, out)


def _show(study: "GuidelineStudy") -> None:
    for (guideline, runtime), found in groupby(
        study.rows, key=lambda row: (row.guideline, row.runtime)
    ):
        print(f"Guideline {guideline}, {study.titles[str(guideline)]}: {runtime}")
        print_table(_HEADER, map(_cells, found))
        print()
    for finding in study.findings:
        print(finding.sentence)
    print(
        f"Medians of {study.rounds} interleaved rounds, quartiles in brackets; "
        f"threads {study.threads}, {study.seconds:.0f} s."
    )


def _cells(row: "GuidelineRow") -> tuple[object, ...]:
    ms, ratio = row.latency_ms, row.ratio
    return (
        row.width,
        row.variant,
        f"{row.narrow}, {row.wide}",
        count(row.macs),
        f"{ms.median:.2f} [{ms.low:.2f}, {ms.high:.2f}]",
        f"{ratio.median:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]",
        f"{ratio.least:.3f} to {ratio.most:.3f}" if row.verdict else "",
        row.verdict or "",
    )
