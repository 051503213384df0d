"""The costs that accuracy is weighed against, by name."""

from collections.abc import Sequence

from rexpand.errors import MistakeError, StudyError, UnknownNameError
from rexpand.records import StudySummary, TrialSummary

COUNTS = ("macs", "params", "activations", "memory_access")
PREDICTED = "predicted_latency_ms"
MEASURED = "latency_ms"  # alone where one runtime was measured, else with its name
_MOST = 2  # of a front: more have no picture


def cost_of(trial: TrialSummary, name: str) -> float | None:
    """A cost of a trial by the name that `objectives_of` gives; None where unknown."""
    if name in COUNTS:
        return float(getattr(trial, name))
    if name == PREDICTED:
        return trial.predicted_latency_ms
    runtime = name.partition(":")[2]
    return next(
        (each.latency_ms.median for each in trial.latencies if each.runtime == runtime),
        None,
    )


def known_objectives(summary: StudySummary) -> tuple[str, ...]:
    """The costs that a study has."""
    predicted = (PREDICTED,) if summary.latency else ()
    measured = tuple(f"{MEASURED}:{each.runtime}" for each in summary.measured)
    return (*COUNTS, *predicted, *measured)


def objectives_of(asked: Sequence[str], summary: StudySummary) -> tuple[str, ...]:
    """The costs of some names, one or two, in full.

    Raises UnknownNameError for another name, StudyError for one that the study has not,
    MistakeError for too many or the same twice.
    """
    if not 1 <= len(asked) <= _MOST or len(set(asked)) < len(asked):
        raise MistakeError(
            f"the objectives are {', '.join(asked) or 'none'}; give one cost or two "
            "different ones, against which accuracy is weighed"
        )
    return tuple(_full(name, summary) for name in asked)


def usual_objective(summary: StudySummary) -> str:
    """The first measured latency; else the first count that the budget leaves free.

    A bound on a cost is filled by every trial, so that its cost tells none apart.
    """
    if summary.measured:
        return f"{MEASURED}:{summary.measured[0].runtime}"
    free = [name for name in COUNTS if name not in summary.bounds]
    return free[0] if free else COUNTS[0]


def _full(name: str, summary: StudySummary) -> str:
    known = known_objectives(summary)
    measured = [each for each in known if each.startswith(MEASURED)]
    if name in known:
        return name
    if name == MEASURED and len(measured) == 1:
        return measured[0]
    if name == MEASURED and measured:
        raise MistakeError(
            f"{summary.name} was measured under several runtimes; give "
            f"{' or '.join(measured)}"
        )
    if name == PREDICTED:
        raise StudyError(
            f"{summary.name} has no {PREDICTED}: it was designed without a latency "
            f"table; measure its latency with `rexpand search measure {summary.name}`"
        )
    if name.partition(":")[0] == MEASURED:
        runtime = name.partition(":")[2]
        under = f" under {runtime}" if runtime else ""
        raise StudyError(
            f"the latency of {summary.name}{under} was not measured; run `rexpand search "
            f"measure {summary.name}`"
        )
    hint = f"choose from {', '.join((*COUNTS, PREDICTED, MEASURED))}"
    raise UnknownNameError("objective", name, (*known, PREDICTED, MEASURED), hint)
