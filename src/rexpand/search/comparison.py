"""Two networks trained alike for some seeds: which is better, and how sure that is.

Seeds come in turn, each for both networks, and compare pair by pair: the verdict is the
mean of the paired differences with its t interval. Every training leaves its record, so
a comparison that was stopped goes on where it stood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.codec import to_document
from rexpand.cost import cost_of
from rexpand.errors import StudyError
from rexpand.ranges import IMAGES, PLACE, SEEDS
from rexpand.recipe import Recipe
from rexpand.records import (
    ComparisonSummary,
    ExperimentFolder,
    Interval,
    Record,
    Side,
    VerdictWord,
    Workers,
    merged,
    write_atomic,
)
from rexpand.search.arms import Arm, arm_records, arm_tasks
from rexpand.search.design import design_provenance
from rexpand.search.intervals import CONFIDENCE, interval
from rexpand.search.task import StudyProgress, Task, trained
from rexpand.spec import NetworkSpec

SUMMARY = "verdict.json"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two networks, one recipe, the same seeds from 0, the same training images.

    `train_subset` is the number of training images (0 for all) besides those that the
    recipe holds out.
    """

    before: NetworkSpec
    after: NetworkSpec
    recipe: Recipe
    data: Annotated[str, PLACE]
    seeds: Annotated[int, SEEDS]
    train_subset: Annotated[int, IMAGES] = 0

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


def comparison_folder(path: str | Path) -> ExperimentFolder[Comparison]:
    """The folder of a comparison; it can be given more seeds."""
    path = Path(path)
    return ExperimentFolder(
        path=path,
        design=Comparison,
        name="comparison",
        started_by="rexpand upgrade",
        file="comparison.json",
        version=2,
        may_grow=("seeds",),
    )


def create_comparison(design: Comparison, path: str | Path) -> Comparison:
    """Write the design, or find the same one in the folder: the design that holds.

    Raises StudyError if the folder holds another comparison.
    """
    path = Path(path)
    return comparison_folder(path).create(design, design_provenance())


def run_comparison(
    design: Comparison,
    folder: str | Path,
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None = None,
) -> ComparisonSummary:
    """Train both for every seed, from wherever the folder stands; leave the verdict.

    Raises StudyError if another process is at work in the folder.
    """
    folder = Path(folder)
    tasks = arm_tasks(design, _arms(design, folder), data_root)
    for _ in trained(comparison_folder(folder), tasks, workers, progress):
        _leave_summary(design, folder)
    return _leave_summary(design, folder)


def summarise_comparison(design: Comparison, folder: str | Path) -> ComparisonSummary:
    """The verdict of the seeds that are finished."""
    folder = Path(folder)
    before, after = (
        {record.seed: record for record in arm_records(design, arm)}
        for arm in _arms(design, folder)
    )
    both = sorted(before.keys() & after.keys())
    gains = tuple(after[seed].accuracy - before[seed].accuracy for seed in both)
    gain = interval(gains)
    every = [*before.values(), *after.values()]
    return ComparisonSummary(
        data=design.data,
        images=every[0].images if every else design.train_subset,
        evaluated_on="validation" if design.recipe.validation else "test",
        recipe=design.recipe,
        seeds=design.seeds,
        before=_side(design.before, before),
        after=_side(design.after, after),
        gains=gains,
        gain=gain,
        verdict=_verdict(gain),
        confidence=CONFIDENCE,
        seconds=sum(record.seconds for record in every),
        provenances=merged(record.provenance for record in every),
    )


def _leave_summary(design: Comparison, folder: Path) -> ComparisonSummary:
    summary = summarise_comparison(design, folder)
    write_atomic(folder / SUMMARY, to_document(summary))
    return summary


def _verdict(gain: Interval | None) -> VerdictWord:
    if gain is None or gain.low is None or gain.high is None:
        return "undecided"
    if gain.low > 0:
        return "better"
    return "worse" if gain.high < 0 else "undecided"


def _side(spec: NetworkSpec, records: Mapping[int, Record]) -> Side:
    accuracies = tuple(record.accuracy for record in records.values())
    cost = cost_of(spec)
    return Side(
        channels=spec.channels,
        params=cost.params,
        macs=cost.macs,
        accuracies=accuracies,
        accuracy=interval(accuracies),
    )


def _arms(design: Comparison, folder: Path) -> tuple[Arm, ...]:
    specs = {"before": design.before, "after": design.after}
    return tuple(
        Arm(name=side, spec=spec, recipe=design.recipe, folder=folder / side)
        for side, spec in specs.items()
    )
