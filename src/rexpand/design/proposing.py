"""Short trials: first of families at one size, then of the best one at other sizes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import sqrt

from rexpand.design.candidates import candidate_of, spec_of
from rexpand.design.order import PROPOSAL
from rexpand.design.planning import search_share
from rexpand.design.steps import Alike, Course
from rexpand.design.timing import Pace
from rexpand.errors import RunError
from rexpand.records import Record
from rexpand.records.design import (
    DesignCandidate,
    DesignPlan,
    DesignProposal,
    DesignTrial,
    Question,
)
from rexpand.search.arms import Arm, arm_records


def propose(course: Course, plan: DesignPlan) -> DesignProposal:
    """The trials, what they chose, and the search that follows; done once."""
    return course.done(DesignProposal, PROPOSAL, lambda: _proposed(course, plan))


def _proposed(course: Course, plan: DesignPlan) -> DesignProposal:
    families, seconds = _tried(course, plan, "family", plan.candidates)
    best = _best(families)
    others = [*_at_other_sizes(course, plan, best.candidate)]
    sizes: list[DesignTrial] = []
    if others:
        sizes, more = _tried(course, plan, "size", others)
        seconds += more
    winner = _best([best, *sizes])
    left = plan.seconds - seconds - plan.share("training").seconds
    left = max(
        left - plan.share("evaluation").seconds, plan.share("search").seconds / 2
    )
    pace = _pace(winner, plan)
    trials, epochs = search_share(
        left,
        pace.epoch_seconds(plan.data.learned, plan.data.held_out),
        pace.ready_seconds,
    )
    return DesignProposal(
        trials=(*families, *sizes),
        winner=winner.candidate,
        reasons=tuple(_reasons(plan, families, best, sizes)),
        search_trials=trials,
        search_epochs=epochs,
        seconds=seconds,
    )


def _tried(
    course: Course,
    plan: DesignPlan,
    question: Question,
    candidates: Sequence[DesignCandidate],
) -> tuple[list[DesignTrial], float]:
    """A training of each candidate, and the seconds that all of them took."""
    alike = Alike(data=course.order.data)
    epochs = plan.share("trials").epochs
    recipe = plan.search_recipe.with_epochs(epochs)
    arms = [_arm(course, plan, each, recipe_epochs=epochs) for each in candidates]
    arms = [replace(arm, recipe=recipe) for arm in arms]
    name = "trials of families" if question == "family" else "trials of sizes"
    seconds = course.trained(name, alike, arms)
    found = []
    for candidate, arm in zip(candidates, arms, strict=True):
        for record in arm_records(alike, arm):
            found.append(_trial(question, candidate, record))
    if not found:
        raise RunError(f"no trial of {course.folder} is finished")
    return found, seconds


def _arm(
    course: Course, plan: DesignPlan, candidate: DesignCandidate, *, recipe_epochs: int
) -> Arm:
    spec = spec_of(candidate, plan.data)
    return Arm(
        name=str(candidate),
        spec=spec,
        recipe=plan.search_recipe.with_epochs(recipe_epochs),
        folder=course.folder / "trials" / spec.name,
    )


def _trial(
    question: Question, candidate: DesignCandidate, record: Record
) -> DesignTrial:
    seconds = record.seconds / len(record.epochs)
    held_out = record.evaluated_images or 0
    known = replace(
        candidate, images_per_second=(record.images + held_out / 3) / seconds
    )
    return DesignTrial(
        question=question,
        candidate=known,
        epochs=len(record.epochs),
        accuracy=record.accuracy,
        seconds=record.seconds,
    )


def _at_other_sizes(
    course: Course, plan: DesignPlan, best: DesignCandidate
) -> Iterator[DesignCandidate]:
    """The same network at the other sizes where it fills the budget, and is fast enough."""
    for size in plan.sizes[1:]:
        found = candidate_of(best.network, size, plan.data, course.order.budget)
        if found is None:
            continue
        if plan.most_latency_ms is not None:
            found = replace(found, latency_ms=_latency(found, plan))
            if (found.latency_ms or 0.0) > plan.most_latency_ms:
                continue
        yield found


def _latency(candidate: DesignCandidate, plan: DesignPlan) -> float:
    from rexpand.latency.networks import time_networks
    from rexpand.latency.runtimes import find_runtime

    spec = spec_of(candidate, plan.data)
    (timing,) = time_networks({spec.name: spec}, find_runtime(plan.runtime))
    return timing.latency_ms.median


def _best(trials: Sequence[DesignTrial]) -> DesignTrial:
    """The most accurate; the first of equals."""
    return max(trials, key=lambda trial: trial.accuracy)


def _pace(trial: DesignTrial, plan: DesignPlan) -> Pace:
    """As the trial itself went."""
    ready = max(each.ready_seconds for each in plan.candidates)
    assert trial.candidate.images_per_second is not None
    return Pace(
        images_per_second=trial.candidate.images_per_second, ready_seconds=ready
    )


def _reasons(
    plan: DesignPlan,
    families: Sequence[DesignTrial],
    best: DesignTrial,
    sizes: Sequence[DesignTrial],
) -> Iterator[str]:
    yield _sentence(best, [each for each in families if each != best], plan)
    if sizes:
        winner = _best([best, *sizes])
        yield _sentence(
            winner, [each for each in (best, *sizes) if each != winner], plan
        )


def _sentence(
    best: DesignTrial, others: Sequence[DesignTrial], plan: DesignPlan
) -> str:
    """What won by how much, and how much one training says."""
    reached = f"{best.candidate} reached {best.accuracy:.1f} %"
    if not others:
        return f"{reached}; nothing else was tried"
    second = _best(others)
    share = best.accuracy / 100
    error = 100 * sqrt(2 * max(share * (1 - share), 0.01) / plan.data.held_out)
    margin = best.accuracy - second.accuracy
    told = "more than" if margin > 2 * error else "within"
    return (
        f"{reached}, the next, {second.candidate}, {second.accuracy:.1f} %: {told} what "
        f"chance gives on {plan.data.held_out:,} held-out images (2 x {error:.1f} points)"
    )
