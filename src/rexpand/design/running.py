"""A design from the data to the network that is handed over, from wherever it stands."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from accelerate import PartialState

from rexpand.data.load import load
from rexpand.design.finishing import arms_of, plan_training, train_both
from rexpand.design.judging import verdict_of
from rexpand.design.looking import look
from rexpand.design.order import (
    EXPORT,
    PLAN,
    RESULT,
    VERDICT,
    DesignOrder,
    order_folder,
)
from rexpand.design.planning import planned
from rexpand.design.proposing import propose
from rexpand.design.searching import search_channels
from rexpand.design.shipping import ship
from rexpand.design.steps import Alike, Course, Crew
from rexpand.design.teaching import check_teacher, taught
from rexpand.records import Record, Workers, merged, read_record
from rexpand.records.design import (
    DesignExport,
    DesignPlan,
    DesignResult,
    DesignVerdict,
)
from rexpand.search.arms import Arm, arm_records
from rexpand.search.design import design_provenance
from rexpand.search.task import SearchProgress, Task
from rexpand.search.workers import Nobody, Placement, workers_for
from rexpand.spec import check_installed, find_formats


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """Trains where it is told to, and tells nobody."""

    placed: Placement

    def step(
        self, name: str
    ) -> AbstractContextManager[tuple[Workers[Task, Record], SearchProgress]]:
        return nullcontext((workers_for(self.placed), Nobody()))

    def begin(self, plan: DesignPlan) -> None: ...

    def tell(self, message: str) -> None: ...


def plan_design(order: DesignOrder, data_root: str | Path | None = None) -> DesignPlan:
    """What a design would try, and in which time; leaves no file.

    Raises MistakeError for what would stop it: data, budget, hours, runtime, teacher.
    """
    _check_installed(order)
    check_teacher(order, look(order.data, data_root).channels)
    return planned(order, data_root)


def run_design(
    order: DesignOrder,
    folder: str | Path,
    crew: Crew | None = None,
    data_root: str | Path | None = None,
) -> DesignResult:
    """Design a network: look, plan, try, search, train, compare, export.

        order = DesignOrder(data="digits", macs=400e3, hours=0.05)
        run_design(order, "runs/digits").verdict.verdict

    Every step leaves its record in the folder, and the same call goes on after a stop.
    Raises StudyError for the folder of another design or one that another process is at
    work in, and as `plan_design`.
    """
    place = order_folder(folder)
    place.check_own()
    finished = Path(folder) / RESULT
    if place.exists() and finished.exists():
        place.create(order, design_provenance())  # which refuses another order
        return read_record(DesignResult, finished)
    _check_installed(order)
    with place.given_up_if_refused():
        order = place.create(order, design_provenance())
        course = Course(
            order=order,
            folder=Path(folder),
            data_root=None if data_root is None else Path(data_root),
            crew=crew or Quiet(placed=Placement()),
        )
        return _run(course)


def _run(course: Course) -> DesignResult:
    plan = course.done(
        DesignPlan, PLAN, lambda: plan_design(course.order, course.data_root)
    )
    course.crew.begin(plan)
    proposal = propose(course, plan)
    for reason in proposal.reasons:
        course.crew.tell(reason)
    searched = search_channels(course, plan, proposal)
    teacher = taught(course, plan, proposal)
    training = plan_training(course, plan, proposal, searched, teacher)
    arms = arms_of(course, plan, proposal, training, searched[0], teacher)
    seconds = train_both(course, training, arms)
    alike = Alike(data=course.order.data, seeds=training.seeds)
    records = (arm_records(alike, arms[0]), arm_records(alike, arms[1]))
    data = load(course.order.data, root=course.data_root, resolution=arms[0].spec.side)
    verdict = course.done(
        DesignVerdict,
        VERDICT,
        lambda: verdict_of(
            arms,
            records,
            data,
            PartialState().device,
            _latencies(plan, arms),
        ),
    )
    export = course.done(
        DesignExport, EXPORT, lambda: ship(arms, verdict, data, course.folder)
    )
    took = proposal.seconds + training.search_seconds + seconds
    found = (plan.provenance, *(each.provenance for side in records for each in side))
    return course.done(
        DesignResult,
        RESULT,
        lambda: DesignResult(
            plan=plan,
            proposal=proposal,
            training=training,
            verdict=verdict,
            export=export,
            seconds=took + (teacher.teacher.seconds if teacher else 0.0),
            provenances=merged(found),
        ),
    )


def _latencies(
    plan: DesignPlan, arms: tuple[Arm, Arm]
) -> tuple[float | None, float | None]:
    """Milliseconds of both networks, where they are bounded."""
    if plan.most_latency_ms is None:
        return None, None
    from rexpand.latency.networks import time_networks
    from rexpand.latency.runtimes import find_runtime

    specs = {arm.name: arm.spec for arm in arms}
    first, second = time_networks(specs, find_runtime(plan.runtime))
    return first.latency_ms.median, second.latency_ms.median


def _check_installed(order: DesignOrder) -> None:
    """What is needed at the end must be there at the beginning."""
    for form in find_formats(["onnx"]):
        check_installed(form)
    if order.most_latency_ms is not None:
        from rexpand.latency.runtimes import find_runtime

        find_runtime(order.runtime)
