"""What a checkpoint says of its own training, in its header.

It holds no time and no place, so that a training that was killed and resumed leaves the
same file as one that was not, if the same rexpand (its commit too) and libraries end it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rexpand.documents import from_text, naming, read_header
from rexpand.errors import CheckpointError
from rexpand.recipe import Recipe
from rexpand.recipe.distillation import Distillation
from rexpand.records.record import RecipeChange, Record

PASSPORT = "passport"  # its name in the header


@dataclass(frozen=True, kw_only=True)
class Passport:
    """A `Record` without its network, its epochs, and what differs from run to run.

    `epochs` is the number that were trained, `versions` are those of the libraries.
    """

    recipe: Recipe
    data: str
    data_fingerprint: str | None
    images: int
    seed: int
    epochs: int
    best_epoch: int | None
    stopped_early: bool
    params: int
    macs: int
    accuracy: float
    loss: float
    evaluated_on: str
    evaluated_images: int | None
    nuclear_norm: float | None
    effective_rank: float | None
    started_from: str | None
    start_accuracy: float | None
    commit: str | None
    versions: Mapping[str, str]
    changes: tuple[RecipeChange, ...] = ()
    distillation: Distillation | None = None
    version: int = 1


def passport_of(record: Record) -> Passport:
    """The passport of the weights that a record describes."""
    return Passport(
        recipe=record.recipe,
        data=record.data,
        data_fingerprint=record.provenance.data_fingerprint,
        images=record.images,
        seed=record.seed,
        epochs=len(record.epochs),
        best_epoch=record.best_epoch,
        stopped_early=record.stopped_early,
        params=record.params,
        macs=record.macs,
        accuracy=record.accuracy,
        loss=record.loss,
        evaluated_on=record.evaluated_on,
        evaluated_images=record.evaluated_images,
        nuclear_norm=record.nuclear_norm,
        effective_rank=record.effective_rank,
        started_from=record.started_from,
        start_accuracy=record.start_accuracy,
        commit=record.provenance.commit,
        versions=record.provenance.versions,
        changes=record.changes,
        distillation=record.distillation,
    )


def read_passport(path: str | Path) -> Passport | None:
    """The passport in a checkpoint; None if it has none.

    Raises CheckpointError for a file that is no checkpoint, or whose passport this
    version does not read.
    """
    path = Path(path)
    text = read_header(path).texts.get(PASSPORT)
    if text is None:
        return None
    with naming(path, CheckpointError):
        return from_text(Passport, text)
