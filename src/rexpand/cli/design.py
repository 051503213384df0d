"""`rexpand design`: from a folder of images and a budget to a trained network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note, page_of, print_json
from rexpand.cli.design_text import plan_lines, print_plan, print_result
from rexpand.cli.device import Device, use_device
from rexpand.cli.numbers import number
from rexpand.cli.options import DataRoot, Json, Macs, Params
from rexpand.cli.places import page_folder, run_folder
from rexpand.cli.stopping import SAME_COMMAND, resumable
from rexpand.memory import return_freed_memory  # before torch is imported
from rexpand.ranges import DESIGN_HOURS, JOBS, LATENCY_MS

if TYPE_CHECKING:
    from rexpand.records import Record, Workers
    from rexpand.records.design import DesignPlan, DesignResult
    from rexpand.report import ReportFiles
    from rexpand.search.task import SearchProgress, Task
    from rexpand.search.workers import Placement


def design(
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="DATA",
            help="A folder with train/CLASS/IMAGE.jpg and the same under test/ or val/, "
            "an .npz file, or a name from `rexpand data list`.",
        ),
    ] = "digits",
    macs: Macs = None,
    params: Params = None,
    latency_ms: Annotated[
        float | None,
        number(
            LATENCY_MS,
            "--latency-ms",
            help="At most N milliseconds an image, measured on this machine under "
            "--runtime, besides --macs or --params.",
        ),
    ] = None,
    runtime: Annotated[
        str,
        typer.Option(
            "--runtime",
            metavar="RUNTIME",
            help="For --latency-ms: torch, onnxruntime, optimized, openvino, compile.",
        ),
    ] = "onnxruntime",
    hours: Annotated[
        float,
        number(DESIGN_HOURS, "--hours", help="About how long it may take."),
    ] = 2.0,
    teacher: Annotated[
        str | None,
        typer.Option(
            "--teacher",
            metavar="NETWORK@WEIGHTS",
            help="A pretrained network whose scores teach both networks; it is "
            "fine-tuned first unless it knows the classes.",
        ),
    ] = None,
    jobs: Annotated[
        int, number(JOBS, "--jobs", help="Train N networks at a time.")
    ] = 1,
    planned: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Print what would be tried and how the hours are split, and end.",
        ),
    ] = False,
    data_root: DataRoot = None,
    device: Device = "auto",
    out: Annotated[
        Path | None,
        page_folder(
            "--out",
            own=["design.json"],
            help="The run folder (default: runs/design-DATA).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Design a network for your images and train it.

    Looks at the data, tries families and sizes of the catalogue at equal cost, searches
    the channels of the best, trains the result beside the catalogue's network, and says
    on held-out test images which is better and how sure that is. Writes report.html, and
    to model/ the weights, an ONNX file and a model card.

    Run the same command again to continue after a stop.
    """
    return_freed_memory()
    use_device(device)
    from rexpand.design.order import DesignOrder
    from rexpand.design.running import plan_design, run_design
    from rexpand.search.workers import Placement

    order = DesignOrder(
        data=data,
        hours=hours,
        macs=macs,
        params=params,
        most_latency_ms=latency_ms,
        runtime=runtime,
        teacher=teacher,
    )
    order.budget  # noqa: B018  # says what is missing before any work
    if planned:
        print_plan(plan_design(order, data_root), as_json)
        return
    folder = out or run_folder("design", Path(data).stem)
    with resumable(SAME_COMMAND):
        crew = _Crew(placed=Placement(jobs=jobs))
        result = run_design(order, folder, crew, data_root)
    page = page_of(lambda: _write_pages(result, folder))
    if as_json:
        from rexpand.codec import to_content

        print_json({**to_content(result), "folder": str(folder), "report": page})
        return
    print_result(result)
    print(f"wrote {page or folder}")


def _write_pages(result: "DesignResult", folder: Path) -> "ReportFiles":
    """The design's page, and that of its study where the study is there."""
    from rexpand.report import write_design_report, write_study_report
    from rexpand.search.summary import summarise

    study = folder / "search"
    if (study / "study.json").exists():
        write_study_report(summarise(study), study)
    return write_design_report(result, folder)


@dataclass(frozen=True, kw_only=True)
class _Crew:
    """Trains with bars, a study of them for each step; lines tell what was decided."""

    placed: "Placement"

    @contextmanager
    def step(
        self, name: str
    ) -> "Iterator[tuple[Workers[Task, Record], SearchProgress]]":
        from rexpand.cli.progress import Bars
        from rexpand.cli.study_bars import StudyBars
        from rexpand.search.workers import workers_for

        note(f"{name}:")
        with Bars() as bars:
            seen = StudyBars(bars)
            yield workers_for(self.placed, seen), seen

    def tell(self, message: str) -> None:
        note(message)

    def begin(self, plan: "DesignPlan") -> None:
        for line in plan_lines(plan):
            note(line)
