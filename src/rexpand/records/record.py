"""The JSON line that a training run leaves behind."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from rexpand.ranges import COUNT, IMAGES, MEASURED, PERCENT, SECONDS, SEED, WIDTH
from rexpand.recipe import Recipe
from rexpand.recipe.distillation import Distillation
from rexpand.records.files import Value, read_record
from rexpand.records.provenance import Provenance
from rexpand.shown import Shown
from rexpand.spec import ImageContract, NetworkSpec

VERSION = 2
# The files in the folder of a training; its last two states are there until the record is.
STATE, EARLIER_STATE = "state.safetensors", "state-earlier.safetensors"
WEIGHTS, RECORD = "network.safetensors", "record.json"
JUDGEMENT = "judgement.json"  # its mistakes, for the page
METRICS_CSV, METRICS_LINES = "metrics.csv", "metrics.jsonl"
TRACKING = "tracking.json"  # its runs at other services
EVENTS = "events.out.tfevents"  # of TensorBoard; the name goes on with a time
Measured = Annotated[float, MEASURED]  # not a number where the training diverged


@dataclass(frozen=True, kw_only=True)
class BlockRank:
    """The rank of a block's output, on the first held-out images.

    `effective_rank` is exp of the entropy of its normalised singular values.
    """

    block: str
    channels: Annotated[int, WIDTH]
    effective_rank: Measured
    nuclear_norm: Measured


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One epoch: mean training loss; accuracy in percent and loss on held-out images.

    `seconds` are those of its training and its judgement (None in the records of older
    versions). `block_ranks` are those of the stem and of every block, where they were
    watched.
    """

    epoch: Annotated[int, COUNT]
    loss: Measured
    accuracy: Annotated[float, PERCENT]
    held_out_loss: Measured
    learning_rate: float
    images_per_second: float
    block_ranks: tuple[BlockRank, ...] = ()
    seconds: Annotated[float, SECONDS] | None = None


@dataclass(frozen=True, kw_only=True)
class RecipeChange:
    """A field of the recipe that changed while its training was under way.

    Steps from `step` of `epoch` on, both from 0, have the new value; `before` and
    `after` are JSON. It was `asked` for, or the loss was not finite (`diverged`).
    """

    epoch: Annotated[int, COUNT]
    step: Annotated[int, COUNT]
    field: str
    before: str
    after: str
    reason: Literal["asked", "diverged"]

    def __str__(self) -> str:
        """One line: `optimizer.learning_rate 0.1 to 0.05 from epoch 2, step 8 (diverged)`."""
        return (
            f"{self.field} {self.before} to {self.after} from epoch {self.epoch + 1}, "
            f"step {self.step + 1} ({self.reason})"
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Record(Shown):
    """One network trained once: what it was, how it was trained, what came out.

    `accuracy` is top-1 in percent on `evaluated_on` of the weights that were kept: after
    the last epoch or, where the recipe has patience, after `best_epoch` (from 0; None in
    the records of older versions, which kept the last weights). `images` is the number of
    training images, `evaluated_images` that of the images that gave the accuracy (None in
    the records of older versions). `nuclear_norm` and
    `effective_rank` (the entropy's) are those of the penultimate features, where they
    were recorded. `started_from` is the NETWORK@WEIGHTS that training began with, None
    for fresh weights, and `start_accuracy` its accuracy before the first step, if its
    classes are those of the data. `contract` is how the images were fed (None in the
    records of older versions). `recipe` is the one that the training ended with, and
    `changes` are those that it saw before.
    """

    _view: ClassVar[str] = "rexpand.report.views.studies:RECORD"

    spec: NetworkSpec
    recipe: Recipe
    data: str
    seed: Annotated[int, SEED]
    params: Annotated[int, COUNT]
    macs: Annotated[int, COUNT]
    accuracy: Annotated[float, PERCENT]
    loss: Measured
    evaluated_on: str
    images: Annotated[int, IMAGES]
    epochs: tuple[Epoch, ...]
    stopped_early: bool
    seconds: Annotated[float, SECONDS]
    peak_memory_mb: float
    provenance: Provenance
    nuclear_norm: Measured | None = None
    effective_rank: Measured | None = None
    evaluated_images: Annotated[int, IMAGES] | None = None
    started_from: str | None = None
    start_accuracy: Annotated[float, PERCENT] | None = None
    contract: ImageContract | None = None
    best_epoch: int | None = None
    changes: tuple[RecipeChange, ...] = ()
    distillation: Distillation | None = None
    version: int = VERSION

    def __repr__(self) -> str:
        """One line: what was trained on what, and what came out."""
        count = "" if self.evaluated_images is None else f"{self.evaluated_images:,} "
        epochs = "epoch" if len(self.epochs) == 1 else "epochs"
        return (
            f"<Record {self.spec.name} on {self.data}, seed {self.seed}: "
            f"{self.accuracy:.2f} % on {count}{self.evaluated_on} images after "
            f"{len(self.epochs)} {epochs}, {self.params:,} params, {self.macs:,} macs>"
        )


def kept_record(kind: type[Value], folder: Path, weights: str) -> Value | None:
    """The record of a training that is over, whose states are then deleted.

    None where the record or the file of `weights` is not there yet. Raises RecordError
    for a record that does not read.
    """
    if not ((folder / RECORD).exists() and (folder / weights).exists()):
        return None
    record = read_record(kind, folder / RECORD)
    forget_states(folder)
    return record


def forget_states(folder: Path) -> None:
    """Delete the states of a training whose record is written; they are its largest files."""
    for name in (STATE, EARLIER_STATE):
        (folder / name).unlink(missing_ok=True)
