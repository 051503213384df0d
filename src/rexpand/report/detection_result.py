"""What a page tells of a detector, as one value: whoever judged one gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rexpand.codec import to_content
from rexpand.records import (
    DetectionEpoch,
    DetectionMistakes,
    DetectionRecord,
    DetectionScores,
    Provenance,
    RecipeChange,
)
from rexpand.report import formats
from rexpand.report.document import flat


@dataclass(frozen=True, kw_only=True)
class DetectionResult:
    """A detector judged on the images of a split.

    `name` is what it is called, `data` the data set, `judged` which images these are:
    held-out, training. `losses` are those of its training, `facts` whatever else is known
    of it in words, `recipe` its fields as they are printed, `changes` those of it while
    it was trained from `seed`. What is empty is left out of the page.
    """

    name: str
    data: str
    judged: str
    scores: DetectionScores
    mistakes: DetectionMistakes | None = None
    losses: tuple[DetectionEpoch, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    recipe: Mapping[str, object] = field(default_factory=dict)
    seed: int | None = None
    changes: tuple[RecipeChange, ...] = ()
    provenances: tuple[Provenance, ...] = ()


def result_of(
    record: DetectionRecord, mistakes: DetectionMistakes | None = None
) -> DetectionResult:
    """What a page tells of a training, with the mistakes that it left."""
    start = record.started_from
    return DetectionResult(
        name=record.name,
        data=record.data,
        judged="held-out",
        scores=record.scores,
        mistakes=mistakes,
        losses=record.epochs,
        facts=(
            ("Params", formats.count(record.params)),
            ("Training images", f"{record.images:,}"),
            ("Epochs", f"{len(record.epochs)}"),
            *((("Started from", start),) if start else ()),
            ("Seed", f"{record.seed}"),
            ("Time", formats.duration(record.seconds)),
        ),
        recipe=flat(to_content(record.recipe)),
        seed=record.seed,
        changes=record.changes,
        provenances=(record.provenance,),
    )
