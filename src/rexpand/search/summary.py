"""From a study folder to everything that its report shows."""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.budget import Budget, Latency
from rexpand.codec import from_content
from rexpand.errors import StudyError, printable
from rexpand.recipe import DetectorTrialRecipe, Recipe
from rexpand.records import (
    Front,
    GroupSummary,
    LatencySource,
    Provenance,
    ProxyComparison,
    StudyLatency,
    StudySummary,
    TrialSummary,
    merged,
    read_record,
)
from rexpand.records.proxies import FILE as PROXIES
from rexpand.records.study import GroupName
from rexpand.search.coverage import sample_of, shape_summaries
from rexpand.search.design import read_study
from rexpand.search.distributions import (
    error_distribution,
    shape_accuracies,
    shape_comparisons,
)
from rexpand.search.fronts import Reference, drawn_front
from rexpand.search.measured import measurements_of
from rexpand.search.objectives import objectives_of, usual_objective
from rexpand.search.ranking import ranking_noise
from rexpand.search.ranking_error import Curve, ranking_error
from rexpand.search.sampler import SamplerName
from rexpand.search.statistics import (
    permutation_test,
    rank_correlations,
    summarise_group,
)
from rexpand.search.stored import read_trials
from rexpand.search.trials import grouped, trial_summaries
from rexpand.spec import DetectorSpec

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_GROUPS: tuple[GroupName, ...] = ("top", "middle", "bottom")


def summarise(
    folder: str | Path,
    objectives: Sequence[str] = (),
    reference: Reference | None = None,
) -> StudySummary:
    """What a study has found so far; it may still be running.

    Its front weighs accuracy against one or two costs, by default a measured latency or
    the first count that the budget leaves free; its hypervolume is counted from the
    `reference`, by default the worst of the trials. Raises StudyError if the folder
    holds no study, or one without any trial or without such a cost, UnknownNameError for
    a cost that there is not.
    """
    folder = Path(folder)
    design = read_study(folder)
    frozen = read_trials(folder)
    if not frozen:
        raise StudyError(
            f"no trial of {folder} has begun; run `rexpand search resume {folder}`"
        )
    measurements = measurements_of(folder)
    random = frozen[: design.sampler.first_trials(len(frozen))]
    found = summed_up(
        name=printable(folder.resolve().name),
        network=design.spec.name,
        data=design.data,
        budget=design.budget,
        slack=design.slack,
        recipe=design.recipe,
        seeds=design.seeds,
        trials=trial_summaries(design, frozen, measurements),
        sampler=design.sampler.name,
        provenances=_provenances(frozen),
        measured=tuple(each.summary for each in measurements),
        objectives=objectives,
        reference=reference,
    )
    return replace(
        found,
        detector=_named(design.detector) if design.detector else None,
        # Detectors are judged at the end, and no rule stops them before.
        ranking_error=None
        if design.detector
        else ranking_error(design, _curves(random)),
        proxies=_proxies(folder),
    )


def summed_up(
    *,
    name: str,
    network: str,
    data: str,
    budget: Budget,
    slack: float,
    recipe: Recipe | DetectorTrialRecipe,
    seeds: int,
    trials: Sequence[TrialSummary],
    provenances: tuple[Provenance, ...],
    sampler: SamplerName = "random",
    measured: tuple[StudyLatency, ...] = (),
    objectives: Sequence[str] = (),
    reference: Reference | None = None,
) -> StudySummary:
    """Trials with what they have in common, and every statistic of the random ones.

    The front is of all.
    """
    trials = grouped(trials)
    random = [trial for trial in trials if trial.generation == 0]
    drawn = sample_of(budget, slack, random)
    ranked = [trial for trial in random if trial.is_ranked]
    groups = _groups(ranked)
    summary = StudySummary(
        name=name,
        network=network,
        data=data,
        budget_macs=_whole(budget.macs),
        budget_params=_whole(budget.params),
        budget_activations=_whole(budget.activations),
        budget_memory_access=_whole(budget.memory_access),
        budget_latency_ms=budget.latency_ms,
        latency=_latency_source(budget.latency),
        measured=measured,
        recipe=recipe,
        seeds=seeds,
        trials=tuple(trials),
        shapes=shape_summaries(budget, drawn),
        shortfalls=tuple(map(str, drawn.shortfalls)),
        groups=groups,
        tests=tuple(
            permutation_test(first, second, ranked, seed=0)
            for first, second in combinations(groups, 2)
        ),
        correlations=rank_correlations(ranked),
        noise=ranking_noise(ranked),
        distribution=error_distribution(ranked),
        shape_accuracies=shape_accuracies(ranked),
        shape_comparisons=shape_comparisons(ranked),
        sampler=sampler,
        provenances=provenances,
    )
    return replace(summary, front=_front(summary, objectives, reference))


def _front(
    summary: StudySummary, asked: Sequence[str], reference: Reference | None
) -> Front | None:
    names = objectives_of(asked or [usual_objective(summary)], summary)
    ranked = [trial for trial in summary.trials if trial.is_ranked]
    found = drawn_front(ranked, names, reference, measure=summary.measure)
    return None if found is None else found.front


def _groups(finished: list[TrialSummary]) -> tuple[GroupSummary, ...]:
    members = {name: [t for t in finished if t.group == name] for name in _GROUPS}
    return tuple(summarise_group(name, m) for name, m in members.items() if m)


def _curves(frozen: "list[FrozenTrial]") -> list[Curve]:
    """The accuracies after each epoch of the trials that are over."""
    return [
        Curve(
            number=trial.number,
            accuracies=tuple(dict(sorted(trial.intermediate_values.items())).values()),
            final=trial.value if trial.state.name == "COMPLETE" else None,
            is_stopped=trial.state.name == "PRUNED",
        )
        for trial in frozen
        if trial.state.is_finished() and trial.intermediate_values
    ]


def _proxies(folder: Path) -> ProxyComparison | None:
    """What `rexpand search proxies` left in the folder."""
    path = folder / PROXIES
    return read_record(ProxyComparison, path) if path.exists() else None


def _provenances(trials: "list[FrozenTrial]") -> tuple[Provenance, ...]:
    """Where the numbers of the finished trials come from."""
    # Thousands of trials have the same one: each is read once.
    kept = {
        json.dumps(each): each
        for trial in trials
        for each in trial.user_attrs.get("provenances", ())
    }
    return merged(from_content(Provenance, each) for each in kept.values())


def _latency_source(latency: Latency | None) -> LatencySource | None:
    """Where the predictions of latency come from."""
    if latency is None:
        return None
    return LatencySource(
        table=latency.table,
        runtime=latency.runtime,
        threads=latency.threads,
        batch_size=latency.batch_size,
        cpu=latency.cpu,
    )


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _named(detector: DetectorSpec) -> str:
    """The detector of a study in words."""
    return f"{detector.detector}, images of {detector.architecture.least_side} pixels"
