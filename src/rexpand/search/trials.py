"""The trials of a study as its summary has them: from the storage, with their costs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rexpand.budget import weights
from rexpand.errors import StudyError
from rexpand.records import TrialSummary
from rexpand.records.study import TrialState
from rexpand.search.design import StudyDesign
from rexpand.search.measured import Measurement, check_channels, latencies_of
from rexpand.search.statistics import group_of

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_STATES: Mapping[str, TrialState] = {  # Optuna's names
    "COMPLETE": "complete",
    "PRUNED": "pruned",
    "FAIL": "failed",
    "RUNNING": "running",
    "WAITING": "waiting",
}


def trial_summaries(
    design: StudyDesign,
    frozen: "list[FrozenTrial]",
    measurements: Sequence[Measurement],
) -> list[TrialSummary]:
    """Every trial, with what it costs, a random one with its weight among those.

    Raises StudyError for configurations of another network than the design's, and for
    latencies of other configurations.
    """
    if not frozen:
        return []
    _check_depth(design, frozen)
    check_channels(measurements, [tuple(t.user_attrs["channels"]) for t in frozen])
    random = frozen[: design.sampler.first_trials(len(frozen))]
    counted = weights([trial.user_attrs["shape"] for trial in random]).tolist()
    counted += [1.0] * (len(frozen) - len(random))
    # The storage keeps macs and params; the closed form knows the other costs.
    cost = design.budget.costs(
        design.spec, [trial.user_attrs["channels"] for trial in frozen]
    )
    columns = (counted, cost.activations, cost.memory_access)
    found = [_trial(*row) for row in zip(frozen, *columns, strict=True)]
    over = frozenset[int]().union(*(each.over for each in measurements))
    return [
        replace(
            trial,
            generation=design.sampler.generation_of(trial.number),
            latencies=latencies_of(measurements, trial.number),
            is_feasible=trial.number not in over,
        )
        for trial in found
    ]


def _check_depth(design: StudyDesign, frozen: "list[FrozenTrial]") -> None:
    """The design and the trials are two files, of which somebody may change one."""
    depth = design.spec.depth
    for trial in frozen:
        found = len(trial.user_attrs["channels"])
        if found != depth:
            raise StudyError(
                f"trial {trial.number} has channels for {found} blocks, and the design's "
                f"{design.spec.name} has {depth}: one of them was changed; bring it back"
            )


def _trial(
    trial: "FrozenTrial", weight: float, activations: float, memory_access: float
) -> TrialSummary:
    attributes = trial.user_attrs
    return TrialSummary(
        number=trial.number,
        channels=tuple(attributes["channels"]),
        shape=attributes["shape"],
        weight=weight,
        params=attributes["params"],
        macs=attributes["macs"],
        activations=int(activations),
        memory_access=int(memory_access),
        state=_STATES[trial.state.name],
        seeds=tuple(attributes.get("seeds", ())),
        accuracies=tuple(attributes.get("accuracies", ())),
        accuracy=trial.value if trial.state.name == "COMPLETE" else None,
        nuclear_norm=attributes.get("nuclear_norm"),
        effective_rank=attributes.get("effective_rank"),
        seconds=attributes.get("seconds", 0.0),
        predicted_latency_ms=attributes.get("predicted_latency_ms"),
        failure=attributes.get("failure"),
    )


def grouped(trials: Sequence[TrialSummary]) -> list[TrialSummary]:
    """The trials with the groups of the ranked random ones filled in."""
    finished = [trial for trial in trials if trial.is_ranked and trial.generation == 0]
    ranked = sorted(finished, key=lambda trial: (-(trial.accuracy or 0), trial.number))
    groups = {
        trial.number: group_of(rank, len(ranked)) for rank, trial in enumerate(ranked)
    }
    return [replace(trial, group=groups.get(trial.number)) for trial in trials]
