"""The fronts of several studies, with hypervolumes at one reference point."""

from collections.abc import Sequence
from pathlib import Path

from rexpand.errors import StudyError
from rexpand.records import FrontComparison, StudyFront, StudyLatency, StudySummary
from rexpand.search.fronts import Reference, differences, drawn_front, reference_of
from rexpand.search.objectives import MEASURED, objectives_of, usual_objective
from rexpand.search.summary import summarise


def compared_fronts(
    studies: Sequence[str | Path],
    objectives: Sequence[str] = (),
    reference: Reference | None = None,
) -> FrontComparison:
    """The fronts of some studies of the same data, and how their hypervolumes differ.

    Without a `reference` it is the lowest accuracy and the highest costs of all trials.
    Raises StudyError for studies of other data, for latencies of other machines, and
    where no trial is finished; and as `summarise` does.
    """
    folders = [Path(study) for study in studies]
    summaries = [summarise(folder) for folder in folders]
    first = summaries[0]
    for other in summaries[1:]:
        if other.data != first.data:
            raise StudyError(
                f"{first.name} is of {first.data} and {other.name} of {other.data}; "
                "accuracies on different images are not compared"
            )
        if other.measure != first.measure or other.detector != first.detector:
            raise StudyError(
                f"{first.name} is of {first.detector or 'classifiers'} and {other.name} of "
                f"{other.detector or 'classifiers'}; give studies of trials alike"
            )
    asked = objectives or [usual_objective(first)]
    names = next(objectives_of(asked, summary) for summary in summaries)
    for name in names:
        _check_one_machine(name, summaries)
    ranked = [[t for t in each.trials if t.is_ranked] for each in summaries]
    point = reference or reference_of([t for each in ranked for t in each], names)
    labels = _labels(folders, summaries)
    found = []
    # Seeds of their own: noise of one study is not that of another.
    for number, (label, trials) in enumerate(zip(labels, ranked, strict=True)):
        measure = first.measure
        drawn = drawn_front(trials, names, point, seed=number, measure=measure)
        if drawn is None:
            raise StudyError(
                f"no trial of {label} is finished; run `rexpand search resume {label}`"
            )
        found.append((label, drawn))
    return FrontComparison(
        studies=tuple(
            StudyFront(
                study=label,
                network=summary.network,
                data=summary.data,
                front=drawn.front,
                provenances=summary.provenances,
            )
            for (label, drawn), summary in zip(found, summaries, strict=True)
        ),
        differences=differences(found),
    )


def _labels(folders: Sequence[Path], summaries: Sequence[StudySummary]) -> list[str]:
    """The names of the studies; where two are alike, their folders."""
    names = [summary.name for summary in summaries]
    return names if len(set(names)) == len(names) else [str(each) for each in folders]


def _check_one_machine(name: str, summaries: Sequence[StudySummary]) -> None:
    """Raise StudyError for a latency that was measured in other ways."""
    prefix, _, runtime = name.partition(":")
    if prefix != MEASURED:
        return
    ways = [
        (summary.name, _way(each))
        for summary in summaries
        for each in summary.measured
        if each.runtime == runtime
    ]
    (first, own), *others = ways
    for other, way in others:
        if way != own:
            raise StudyError(
                f"the latency of {first} was measured with {own}, that of {other} with "
                f"{way}; measure both alike, or give another cost"
            )


def _way(measured: StudyLatency) -> str:
    return f"{measured.threads} threads and batch size {measured.batch_size} on {measured.cpu}"
