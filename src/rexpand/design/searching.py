"""The search of the channels: an ordinary study in the design's folder."""

from dataclasses import replace

from rexpand.design.candidates import spec_of
from rexpand.design.order import SEARCH
from rexpand.design.steps import Course
from rexpand.records import StudySummary
from rexpand.records.design import DesignPlan, DesignProposal
from rexpand.search.design import StudyDesign, create_study
from rexpand.search.driver import search
from rexpand.search.measuring import Asked, StudyClock
from rexpand.search.summary import summarise
from rexpand.search.winner import winner
from rexpand.spec import NetworkSpec


def search_channels(
    course: Course, plan: DesignPlan, proposal: DesignProposal
) -> tuple[NetworkSpec, StudySummary]:
    """The network of the best trial, and what the study found."""
    folder = course.folder / SEARCH
    create_study(_study(course, plan, proposal), folder)
    if plan.most_latency_ms is not None:
        _measure(course, plan)
    with course.crew.step("search of channels") as (workers, progress):
        # Of a study that is over the workers have nothing to do.
        search(
            *(_study(course, plan, proposal), folder, workers, progress),
            course.data_root,
        )
    _, best = winner(folder)
    name = f"{proposal.winner.network}_searched"
    return replace(best, name=name), summarise(folder)


def _study(course: Course, plan: DesignPlan, proposal: DesignProposal) -> StudyDesign:
    return StudyDesign(
        spec=spec_of(proposal.winner, plan.data),
        data=course.order.data,
        budget=course.order.budget,
        trials=proposal.search_trials,
        seeds=1,
        recipe=plan.search_recipe.with_epochs(proposal.search_epochs),
    )


def _measure(course: Course, plan: DesignPlan) -> None:
    """Time every configuration before the first is trained; those above are not."""
    from rexpand.latency.runtimes import find_runtime

    asked = Asked(most_ms=plan.most_latency_ms)
    runtime = find_runtime(plan.runtime)
    with StudyClock(course.folder / SEARCH, runtime, asked) as clock:
        clock.measure(lambda _: None)
        over = len(clock.measurement.over)
    if over:
        course.crew.tell(
            f"{over} configurations are above {plan.most_latency_ms:g} ms under "
            f"{plan.runtime}: they are not trained"
        )
