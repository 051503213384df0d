"""What a study takes from the record of one training."""

from collections.abc import Mapping
from dataclasses import dataclass

from rexpand.records import DetectionRecord, Provenance, Record
from rexpand.records.record import Measured

TrialRecord = Record | DetectionRecord


@dataclass(frozen=True, kw_only=True)
class Result:
    """One training, to its end or to a pause.

    `accuracy` is what trials are ranked by, in percent: top-1 accuracy, or COCO's average
    precision of boxes. `curve` has it after each epoch that was judged, from 0; `epochs`
    is how many are done.
    """

    seed: int
    accuracy: float
    curve: Mapping[int, float]
    epochs: int
    stopped_early: bool
    evaluated_on: str
    seconds: float
    provenance: Provenance
    nuclear_norm: Measured | None = None
    effective_rank: Measured | None = None


def result_of(record: TrialRecord) -> Result:
    """That of a network, or of a detector."""
    if isinstance(record, Record):
        return Result(
            seed=record.seed,
            accuracy=record.accuracy,
            curve={each.epoch: each.accuracy for each in record.epochs},
            epochs=len(record.epochs),
            stopped_early=record.stopped_early,
            evaluated_on=record.evaluated_on,
            seconds=record.seconds,
            provenance=record.provenance,
            nuclear_norm=record.nuclear_norm,
            effective_rank=record.effective_rank,
        )
    found = record.scores.box_ap
    assert found is not None  # of images with an object, as those that judge trials are
    return Result(
        seed=record.seed,
        accuracy=100 * found,
        curve={
            each.epoch: 100 * each.box_ap
            for each in record.epochs
            if each.box_ap is not None
        },
        epochs=len(record.epochs),
        stopped_early=False,
        evaluated_on="validation",
        seconds=record.seconds,
        provenance=record.provenance,
    )
