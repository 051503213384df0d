"""From a study folder to everything that its report shows."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from rexpand.budget import Budget, Latency, weights
from rexpand.codec import from_content
from rexpand.errors import StudyError, printable
from rexpand.recipe import Recipe
from rexpand.records import (
    GroupSummary,
    LatencySource,
    Provenance,
    ProxyComparison,
    StudySummary,
    TrialSummary,
    merged,
    read_record,
)
from rexpand.records.proxies import FILE as PROXIES
from rexpand.records.study import GroupName
from rexpand.search.coverage import sample_of, shape_summaries
from rexpand.search.design import StudyDesign, read_study
from rexpand.search.distributions import (
    error_distribution,
    shape_accuracies,
    shape_comparisons,
)
from rexpand.search.ranking import ranking_noise
from rexpand.search.ranking_error import Curve, ranking_error
from rexpand.search.sampler import Sampler, SamplerName
from rexpand.search.statistics import (
    group_of,
    pareto_front,
    permutation_test,
    rank_correlations,
    summarise_group,
)
from rexpand.search.stored import read_trials
from rexpand.spec import NetworkSpec

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_GROUPS: tuple[GroupName, ...] = ("top", "middle", "bottom")
_State = Literal["complete", "pruned", "running", "waiting"]


def summarise(folder: str | Path) -> StudySummary:
    """What a study has found so far; it may still be running.

    Raises StudyError if the folder holds none, or one without any trial.
    """
    folder = Path(folder)
    design = read_study(folder)
    frozen = read_trials(folder)
    if not frozen:
        raise StudyError(
            f"no trial of {folder} has begun; run `rexpand search resume {folder}`"
        )
    found = summed_up(
        name=printable(folder.resolve().name),
        network=design.spec.name,
        data=design.data,
        budget=design.budget,
        slack=design.slack,
        recipe=design.recipe,
        seeds=design.seeds,
        trials=_trials(frozen, design.sampler),
        sampler=design.sampler.name,
        provenances=_provenances(frozen),
    )
    return replace(
        found,
        ranking_error=ranking_error(design, _curves(frozen)),
        proxies=_proxies(folder),
    )


def summed_up(
    *,
    name: str,
    network: str,
    data: str,
    budget: Budget,
    slack: float,
    recipe: Recipe,
    seeds: int,
    trials: Sequence[TrialSummary],
    provenances: tuple[Provenance, ...],
    sampler: SamplerName = "random",
) -> StudySummary:
    """Trials with what they have in common, and every statistic of the random ones."""
    trials = _grouped(trials)
    random = [trial for trial in trials if trial.generation == 0]
    drawn = sample_of(budget, slack, random)
    complete = [trial for trial in trials if trial.state == "complete"]
    finished = [trial for trial in random if trial.state == "complete"]
    groups = _groups(finished)
    return StudySummary(
        name=name,
        network=network,
        data=data,
        budget_macs=_whole(budget.macs),
        budget_params=_whole(budget.params),
        budget_latency_ms=budget.latency_ms,
        latency=_latency_source(budget.latency),
        recipe=recipe,
        seeds=seeds,
        trials=tuple(trials),
        shapes=shape_summaries(budget, drawn),
        shortfalls=tuple(map(str, drawn.shortfalls)),
        groups=groups,
        tests=tuple(
            permutation_test(first, second, finished, seed=0)
            for first, second in combinations(groups, 2)
        ),
        pareto=pareto_front(complete),
        correlations=rank_correlations(finished),
        noise=ranking_noise(finished),
        distribution=error_distribution(finished),
        shape_accuracies=shape_accuracies(finished),
        shape_comparisons=shape_comparisons(finished),
        sampler=sampler,
        provenances=provenances,
    )


def winner(
    folder: str | Path, number: int | None = None
) -> tuple[StudyDesign, NetworkSpec]:
    """The design, and the spec of the best trial or of the trial of a number.

    Raises StudyError if that trial does not exist or none is finished.
    """
    folder = Path(folder)
    design = read_study(folder)
    trials = _trials(read_trials(folder), design.sampler)
    if number is not None and not 0 <= number < len(trials):
        raise StudyError(
            f"there is no trial {number}; {folder} has 0 to {len(trials) - 1}"
        )
    finished = [trial for trial in trials if trial.accuracy is not None]
    if number is None and not finished:
        raise StudyError(
            f"no trial of {folder} is finished; run `rexpand search resume`"
        )
    best = (
        trials[number]
        if number is not None
        else max(finished, key=lambda trial: trial.accuracy or 0.0)
    )
    spec = design.spec.with_channels(best.channels)
    return design, replace(spec, name=f"{spec.name}_trial_{best.number}")


def _trials(frozen: "list[FrozenTrial]", sampler: Sampler) -> list[TrialSummary]:
    """Every trial; the random ones with their weights among themselves, the others 1."""
    random = frozen[: sampler.first_trials(len(frozen))]
    counted = weights([trial.user_attrs["shape"] for trial in random]).tolist()
    counted += [1.0] * (len(frozen) - len(random))
    return [
        _trial(trial, weight, sampler.generation_of(trial.number))
        for trial, weight in zip(frozen, counted, strict=True)
    ]


def _trial(trial: "FrozenTrial", weight: float, generation: int) -> TrialSummary:
    attributes = trial.user_attrs
    return TrialSummary(
        number=trial.number,
        channels=tuple(attributes["channels"]),
        shape=attributes["shape"],
        weight=weight,
        params=attributes["params"],
        macs=attributes["macs"],
        state=cast(_State, trial.state.name.lower()),
        seeds=tuple(attributes.get("seeds", ())),
        accuracies=tuple(attributes.get("accuracies", ())),
        accuracy=trial.value if trial.state.name == "COMPLETE" else None,
        nuclear_norm=attributes.get("nuclear_norm"),
        effective_rank=attributes.get("effective_rank"),
        seconds=attributes.get("seconds", 0.0),
        predicted_latency_ms=attributes.get("predicted_latency_ms"),
        generation=generation,
    )


def _grouped(trials: Sequence[TrialSummary]) -> list[TrialSummary]:
    """The trials with the groups of the finished random ones filled in."""
    finished = [
        trial
        for trial in trials
        if trial.accuracy is not None and trial.generation == 0
    ]
    ranked = sorted(finished, key=lambda trial: (-(trial.accuracy or 0), trial.number))
    groups = {
        trial.number: group_of(rank, len(ranked)) for rank, trial in enumerate(ranked)
    }
    return [replace(trial, group=groups.get(trial.number)) for trial in trials]


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
        if trial.state.is_finished()
    ]


def _proxies(folder: Path) -> ProxyComparison | None:
    """What `rexpand search proxies` left in the folder."""
    path = folder / PROXIES
    return read_record(ProxyComparison, path) if path.exists() else None


def _provenances(trials: "list[FrozenTrial]") -> tuple[Provenance, ...]:
    """Where the numbers of the finished trials come from."""
    kept = [
        from_content(Provenance, each)
        for trial in trials
        for each in trial.user_attrs.get("provenances", ())
    ]
    return merged(kept)


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
