"""EfficientNet's grid search: which share of twice the macs each dimension should have.

At a fixed phi, usually 1, every rule with alpha beta^2 gamma^2 = 2 on a grid gives a
network (arXiv 1905.11946, Section 3.3). Depth and sides grow in steps, so each network
gets the width that fills the same macs. All are trained alike, for the same seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.budget import ScaleBudget, filled
from rexpand.codec import to_document
from rexpand.cost import cost_of
from rexpand.errors import StudyError
from rexpand.ranges import COUNT, IMAGES, NAME, PHI, PLACE, SEEDS
from rexpand.recipe import Recipe
from rexpand.records import (
    ExperimentFolder,
    Record,
    ScalingRow,
    ScalingSummary,
    Workers,
    merged,
    write_atomic,
)
from rexpand.search.arms import Arm, arm_tasks, records_of_arms
from rexpand.search.design import design_provenance
from rexpand.search.intervals import CONFIDENCE, interval
from rexpand.search.task import StudyProgress, Task, trained
from rexpand.spec import Compound, NetworkSpec, Scalable, doublings

SUMMARY = "summary.json"
_GROWTH = 2.0  # of the macs at a phi of 1


@dataclass(frozen=True, kw_only=True)
class ScalingCandidate:
    """A rule, and the network that it gives within the budget."""

    compound: Compound
    width_mult: float
    depth_mult: float
    spec: NetworkSpec


@dataclass(frozen=True, kw_only=True)
class ScalingDesign:
    """Candidates of equal macs, one recipe, the same seeds from 0, the same images.

    `train_subset` is the number of training images (0 for all) besides those that the
    recipe holds out. Each network has the images at its own size.
    """

    network: Annotated[str, NAME]
    phi: Annotated[float, PHI]
    macs: Annotated[int, COUNT]
    candidates: tuple[ScalingCandidate, ...]
    recipe: Recipe
    data: Annotated[str, PLACE]
    seeds: Annotated[int, SEEDS]
    train_subset: Annotated[int, IMAGES] = 0

    def __post_init__(self) -> None:
        check_fields(self, StudyError)


def scaling_candidates(
    base: Scalable, phi: float, parts: int
) -> tuple[int, tuple[ScalingCandidate, ...]]:
    """The macs of all, and a candidate for each rule; equal networks count once.

    The macs are 2^phi times those of the base. Raises BudgetError for a network whose
    steps are too coarse to fill them.
    """
    macs = int(cost_of(base.source.known_spec()).macs * _GROWTH**phi)
    budget = ScaleBudget(macs=macs)
    found = dict[NetworkSpec, ScalingCandidate]()
    for compound in doublings(parts):
        scaled = filled(base, base.at(compound, phi), budget)
        found.setdefault(
            scaled.spec,
            ScalingCandidate(
                compound=compound,
                width_mult=scaled.width_mult,
                depth_mult=scaled.depth_mult,
                spec=scaled.spec,
            ),
        )
    return macs, tuple(found.values())


def scaling_folder(path: str | Path) -> ExperimentFolder[ScalingDesign]:
    """The folder of a grid search; it can be given more seeds."""
    return ExperimentFolder(
        path=Path(path),
        design=ScalingDesign,
        name="search for a scaling",
        started_by="rexpand scale NETWORK --search",
        file="scaling.json",
        version=1,
        may_grow=("seeds",),
    )


def create_scaling(design: ScalingDesign, path: str | Path) -> ScalingDesign:
    """Write the design, or find the same one in the folder: the design that holds.

    Raises StudyError if the folder holds something else.
    """
    folder = scaling_folder(path)
    folder.check_own()
    return folder.create(design, design_provenance())


def run_scaling(
    design: ScalingDesign,
    folder: str | Path,
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None = None,
) -> ScalingSummary:
    """Train every candidate for every seed, from wherever the folder stands.

    Raises StudyError if another process is at work in the folder.
    """
    folder = Path(folder)
    tasks = arm_tasks(design, _arms(design, folder), data_root)
    for _ in trained(scaling_folder(folder), tasks, workers, progress):
        pass
    summary = summarise_scaling(design, folder)
    write_atomic(folder / SUMMARY, to_document(summary))
    return summary


def summarise_scaling(design: ScalingDesign, folder: str | Path) -> ScalingSummary:
    """The candidates with the seeds that are finished, and the winner among them."""
    records = records_of_arms(design, _arms(design, Path(folder)))
    every = [record for own in records for record in own]
    best = _best(records)
    pairs = zip(design.candidates, records, strict=True)
    return ScalingSummary(
        network=design.network,
        phi=design.phi,
        macs=design.macs,
        data=design.data,
        images=every[0].images if every else design.train_subset,
        evaluated_on="validation" if design.recipe.validation else "test",
        recipe=design.recipe,
        seeds=design.seeds,
        rows=tuple(
            _row(candidate, own, None if best in (None, place) else records[best])
            for place, (candidate, own) in enumerate(pairs)
        ),
        winner=best,
        confidence=CONFIDENCE,
        seconds=sum(record.seconds for record in every),
        provenances=merged(record.provenance for record in every),
    )


def _best(records: Sequence[Sequence[Record]]) -> int | None:
    """The candidate with the highest mean; None while one of them has no seed."""
    if not all(records):
        return None
    means = [fmean(record.accuracy for record in own) for own in records]
    return means.index(max(means))


def _row(
    candidate: ScalingCandidate, own: Sequence[Record], best: Sequence[Record] | None
) -> ScalingRow:
    cost, rule = cost_of(candidate.spec), candidate.compound
    accuracies = {record.seed: record.accuracy for record in own}
    gaps = [
        record.accuracy - accuracies[record.seed]
        for record in best or ()
        if record.seed in accuracies
    ]
    return ScalingRow(
        alpha=rule.alpha,
        beta=rule.beta,
        gamma=rule.gamma,
        width_mult=candidate.width_mult,
        depth_mult=candidate.depth_mult,
        resolution=candidate.spec.side,
        channels=candidate.spec.channels,
        params=cost.params,
        macs=cost.macs,
        accuracies=tuple(accuracies.values()),
        accuracy=interval([*accuracies.values()]),
        behind=interval(gaps),
    )


def _arms(design: ScalingDesign, folder: Path) -> tuple[Arm, ...]:
    return tuple(
        Arm(
            name=f"candidate {place}",
            spec=candidate.spec,
            recipe=design.recipe,
            folder=folder / "candidates" / f"{place}",
        )
        for place, candidate in enumerate(design.candidates)
    )
