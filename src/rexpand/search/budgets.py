"""Studies of one network within several budgets, laid side by side."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from os.path import realpath
from pathlib import Path

from rexpand.errors import StudyError
from rexpand.records import (
    BudgetComparison,
    BudgetStudy,
    StudySummary,
    merged,
)
from rexpand.records.differences import differences
from rexpand.search.summary import summarise

_SHOWN = 3  # places of two recipes that a line names


def compare_studies(folders: Sequence[str | Path]) -> BudgetComparison:
    """What several studies of one network found, the smallest budget first.

        found = compare_studies(["runs/10M", "runs/20M"])
        [study.top.slope for study in found.studies]

    Raises StudyError for fewer than two, for one that is given twice, and for networks
    or data sets that differ, and as `summarise` does.
    """
    places = [realpath(folder) for folder in folders]
    for place in places:
        if places.count(place) > 1:
            raise StudyError(f"{place} is given twice; give each study once")
    if len(places) < 2:
        raise StudyError(
            f"{len(places)} of the two studies or more that a comparison needs; give the "
            "folders of two or more"
        )
    return side_by_side([summarise(folder) for folder in folders])


def side_by_side(summaries: Sequence[StudySummary]) -> BudgetComparison:
    """The same of summaries; StudyError for networks or data sets that differ."""
    ordered = sorted(summaries, key=_budget)
    first = ordered[0]
    for other in ordered[1:]:
        _check_alike(first, other)
    return BudgetComparison(
        network=first.network,
        data=first.data,
        studies=tuple(map(_study, ordered)),
        differences=tuple(_unlike(ordered)),
        provenances=merged(chain(*(each.provenances for each in ordered))),
    )


def _study(summary: StudySummary) -> BudgetStudy:
    top = [group for group in summary.groups if group.name == "top"]
    return BudgetStudy(
        name=summary.name,
        bounds=summary.bounds,
        trials=len(summary.trials),
        finished=sum(trial.is_ranked for trial in summary.trials),
        seeds=summary.seeds,
        top=top[0] if top else None,
        shapes=summary.shape_accuracies,
        comparisons=summary.shape_comparisons,
    )


def _budget(summary: StudySummary) -> tuple[float, ...]:
    """By macs, then params, then what else is bounded."""
    names = ("macs", "params", "activations", "memory_access", "latency_ms")
    return tuple(summary.bounds.get(name, 0.0) for name in names)


def _check_alike(first: StudySummary, other: StudySummary) -> None:
    for each in (first, other):
        if each.detector:
            raise StudyError(
                f"the trials of {each.name} are detectors, and budgets are compared for "
                "classifiers; compare fronts with `rexpand search fronts`"
            )
    for what, own, others in (
        ("network", first.network, other.network),
        ("data set", first.data, other.data),
        ("number of blocks", _blocks(first), _blocks(other)),
    ):
        if own != others:
            raise StudyError(
                f"the {what} of {first.name} is {own}, and that of {other.name} is "
                f"{others}; give studies of one network on one data set"
            )


def _blocks(summary: StudySummary) -> int:
    return len(summary.trials[0].channels)


def _unlike(summaries: Sequence[StudySummary]) -> Iterator[str]:
    for before, after in pairwise(summaries):
        places = [each.place for each in differences(before.recipe, after.recipe)]
        if before.seeds != after.seeds:
            yield (
                f"{before.name} has {before.seeds} and {after.name} {after.seeds} seeds "
                "a trial"
            )
        if places:
            rest = ", ..." if len(places) > _SHOWN else ""
            yield (
                f"the recipes of {before.name} and {after.name} differ in "
                f"{', '.join(places[:_SHOWN])}{rest}"
            )
